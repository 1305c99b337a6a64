import { HoldfastError, type StreamValue } from "@holdfast/protocol";
import { emptyStream } from "../module/stream.ts";
import { registryOf } from "./registry.ts";
import { checkedMember } from "./member.ts";
import { runningOf } from "./running.ts";
import { ReadOnlyStream } from "./stream.ts";
import type { System } from "./system.ts";

/**
 * Makes a property of a system part of its state: it persists, is live for clients, and may be
 * changed in place. Properties without it are plain memory, gone when the instance leaves it.
 *
 * @throws HoldfastError `DEFINITION_INVALID` on a static or private property
 *
 * @example
 * class Tasks extends System {
 *   @field tasks: { title: string; done: boolean }[] = [];
 * }
 */
export function field<This extends System, Value>(
  _value: undefined,
  context: ClassFieldDecoratorContext<This, Value>,
): void {
  const name = checkedMember("field", context);
  // Runs for each object, behind the property's own initializer.
  context.addInitializer(function (this: This) {
    defineField(this, name);
  });
}

/** Turns the own property `name` into one that is found in the state of whichever action runs. */
export function defineField(system: object, name: string): void {
  const registry = registryOf(system);
  const first: unknown = Reflect.get(system, name);
  if (first instanceof ReadOnlyStream) {
    defineStream(system, name);
    return;
  }
  registry.fields.set(name, first);
  Object.defineProperty(system, name, {
    enumerable: true,
    configurable: true,
    get(): unknown {
      const running = runningOf(system);
      if (running) return Reflect.get(running.state, name);
      return registry.committed ? registry.committed(name) : registry.fields.get(name);
    },
    set(value: unknown): void {
      const running = runningOf(system);
      if (running) Reflect.set(running.state, name, value);
      else if (registry.committed) refuseWrite(name);
      else registry.fields.set(name, value);
    },
  });
}

/** A stream is not what stands in the state: it is written to by its methods, and never replaced. */
function defineStream(system: object, name: string): void {
  const registry = registryOf(system);
  registry.fields.set(name, emptyStream());
  const idle = new ReadOnlyStream(() => {
    // True because a stream stands there: `emptyStream()` at first.
    return registry.committed?.(name) as StreamValue | undefined;
  });
  Object.defineProperty(system, name, {
    enumerable: true,
    configurable: true,
    get: () => runningOf(system)?.stream(name) ?? idle,
    set: () => {
      refuseStream(name);
    },
  });
}

function refuseStream(name: string): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The stream "${name}" was assigned to. Write to it with append(), set(), complete(), fail() and reset().`,
  );
}

function refuseWrite(name: string): never {
  throw new HoldfastError(
    "ENDED",
    `The field "${name}" was written to, and no action runs. State changes in actions only: call one, or schedule it.`,
  );
}
