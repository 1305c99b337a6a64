import { cloneValue, HoldfastError, type ValueObject } from "@holdfast/protocol";
import type { ActionContext } from "../module/action-context.ts";
import { app } from "../module/builder.ts";
import { mentionsSql } from "../module/check-definition.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import type { ActionOptions } from "../module/module-builder.ts";
import type { CreatedContext } from "../module/hooks.ts";
import {
  type EngineContext,
  type EngineCreatedContext,
  type InstanceMemory,
} from "../module/instance-memory.ts";
import { named } from "../module/key-strategy.ts";
import type { Stream } from "../module/stream.ts";
import { type DurableObjectStore, durableObjectStore } from "../module/store.ts";
import type { SystemBase, SystemClass } from "../module/system-class.ts";
import { defineField } from "./field.ts";
import { checkedName } from "./member.ts";
import { type Registry, registryOf } from "./registry.ts";
import { System } from "./system.ts";
import { assertAsyncContext, runAs } from "./running.ts";

/**
 * The module that a class is: the same definition that the builder makes, so every guarantee holds.
 * Constructs an object of the class, to see its fields and actions; and one for each instance, whose
 * first values are those that its own construction gives.
 *
 * @throws HoldfastError `DEFINITION_INVALID`; `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP` for a field
 * that Holdfast cannot store, naming it
 */
export function systemModule(Class: SystemClass): ModuleDefinition {
  const { registry } = construct(Class);
  if (registry.fields.size === 0 && registry.actions.size === 0) refuseEmpty(Class);
  // A store of one mode is a store of some mode.
  const store = (Class.persist ?? durableObjectStore(named())) as DurableObjectStore;
  const { version = 1, migrate = {} } = Class;
  let builder = app.defineState(fieldsOf(registry), { version, migrate }).persist(store);
  if ("onCreate" in Class.prototype) {
    builder = builder.onCreated((state, context) => created(Class, state, context));
  }
  const sql = usesSql(Class);
  for (const [name, options] of registry.actions) {
    const isAsync = options.async ?? isAsyncFunction(Reflect.get(Class.prototype as object, name));
    builder = builder.onAction(
      name,
      { sql, ...options, async: isAsync },
      (context: ActionContext<object>, payload?: unknown) => {
        if (isAsync) assertAsyncContext(name);
        // The engine makes every context that a handler is given.
        const system = systemOf(Class, (context as EngineContext).memory);
        // True because only methods are decorated as actions, and `named` found one.
        const method = Reflect.get(system, name) as (payload: unknown) => unknown;
        const { state, stream } = context;
        const running = { system, state, sql: () => context.sql, stream, context };
        return runAs(running, () => method.call(system, payload));
      },
    );
  }
  const definition = builder.build();
  return Object.defineProperty({ ...definition }, "initial", {
    enumerable: true,
    // A field like `id = crypto.randomUUID()` is another one for each instance.
    get: () => cloneValue(fieldsOf(construct(Class).registry)) as ValueObject,
  });
}

function created(Class: SystemClass, state: object, context: CreatedContext): void {
  // The engine makes this one, too.
  const { memory, streams } = context as EngineCreatedContext;
  const system = systemOf(Class, memory);
  const stream = (path: string): Stream => streams.openStream(path, state);
  const running = { system, state, sql: () => context.sql, stream, context: undefined };
  // An asynchronous one gives a promise, which the engine refuses.
  return runAs(running, () => system.onCreate?.(context));
}

/** The object of the class that an instance has, made when it is first needed. */
function systemOf(Class: SystemClass, { kept, committed }: InstanceMemory): SystemBase {
  const known = kept.get(Class);
  // True because nobody else has the class as a key.
  if (known) return known as SystemBase;
  const { system, registry } = construct(Class);
  // From now on fields are the state's; what the construction gave was for a new instance.
  registry.committed = (name) => cloneValue((committed() as Record<string, unknown>)[name]);
  kept.set(Class, system);
  return system;
}

function construct(Class: SystemClass): { system: SystemBase; registry: Registry } {
  const system = new Class();
  const registry = registryOf(system);
  for (const name of registry.fields.keys()) assertAccessor(Class, system, name);
  for (const name of Class.fields ?? []) {
    if (registry.fields.has(name)) continue;
    if (!Object.hasOwn(system, name)) refuseMember(Class, "field", name);
    defineField(system, checkedName("field", name));
  }
  for (const name of Class.actions ?? []) {
    if (registry.actions.has(name)) continue;
    if (typeof Reflect.get(system, name) !== "function") refuseMember(Class, "action", name);
    registry.actions.set(checkedName("action", name), {} satisfies ActionOptions);
  }
  return { system, registry };
}

function fieldsOf({ fields }: Registry): object {
  return Object.fromEntries(fields);
}

/** Whether any method speaks of `sql`: an action may use it by way of another one. */
function usesSql(Class: object): boolean {
  if (Class === System) return false;
  // True because every class of a system has another one above it, up to System.
  return mentionsSql(Class) || usesSql(Object.getPrototypeOf(Class) as object);
}

function isAsyncFunction(method: unknown): boolean {
  return typeof method === "function" && method.constructor.name === "AsyncFunction";
}

/** Some tools run the initializers of a decorator before the property has its value, as drafts said. */
function assertAccessor(Class: SystemClass, system: object, name: string): void {
  if (Object.getOwnPropertyDescriptor(system, name)?.get) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The field "${name}" of the system ${Class.name} is a plain property: whatever lowers its decorators runs them too early, as an older draft of the standard said, or a class below declares it anew. Put @field before it there as well; lower decorators with holdfast() of @holdfast/server/vite, esbuild or a current TypeScript (Babel: "version": "2023-11").`,
  );
}

function refuseEmpty({ name }: SystemClass): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The system ${name} has neither fields nor actions. Put @field and @action() before its members, or list them: static fields = ["tasks"]. If they are there, whatever builds this has dropped them: use holdfast() of @holdfast/server/vite.`,
  );
}

function refuseMember(Class: SystemClass, kind: "field" | "action", name: string): never {
  const what = kind === "field" ? "no property" : "no method";
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The system ${Class.name} lists "${name}" among its ${kind}s, and has ${what} of this name. Correct the list; a ${kind === "field" ? "field needs a value in the class" : "method is written in the class"}.`,
  );
}
