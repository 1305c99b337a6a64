import type { ActionOptions } from "../module/module-builder.ts";
import { checkedMember } from "./member.ts";
import { registryOf } from "./registry.ts";
import type { System } from "./system.ts";

/** Stands on a method of a system that takes at most one argument, which a client sends. */
export type ActionDecorator = <This extends System, Payload extends [payload?: unknown], Result>(
  method: (this: This, ...payload: Payload) => Result,
  context: ClassMethodDecoratorContext<This, (this: This, ...payload: Payload) => Result>,
) => void;

/**
 * Makes a method of a system an action that clients can call; other methods are out of their reach.
 * All that it changes becomes one commit when it returns, or, when it throws, leaves no trace. It
 * takes at most one argument. Methods of the system may call it like any other: it then belongs to
 * the action that runs.
 *
 * @throws HoldfastError `DEFINITION_INVALID` on a static or private method
 *
 * @example
 * class Tasks extends System {
 *   @field tasks: string[] = [];
 *   @action() add(title: string) { this.tasks.push(title); }
 * }
 */
export function action(options: ActionOptions = {}): ActionDecorator {
  return (_method, context) => {
    const name = checkedMember("action", context);
    // Runs for each object, before its properties are made.
    context.addInitializer(function () {
      registryOf(this).actions.set(name, options);
    });
  };
}
