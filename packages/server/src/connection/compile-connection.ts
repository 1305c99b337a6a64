import { HoldfastError } from "@holdfast/protocol";
import type { ActionContext } from "../module/action-context.ts";
import { app } from "../module/builder.ts";
import { mentionsSql } from "../module/check-definition.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import type { ConnectionHook } from "../module/hooks.ts";
import type { EngineContext } from "../module/instance-memory.ts";
import { named } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import type { ConnectionContext } from "./connection-context.ts";
import type { ConnectionOptions, EventOptions } from "./connection-options.ts";
import { EventContext } from "./event-context.ts";

/** A handler as the author has given it. */
export interface EventDefinition {
  readonly options: EventOptions;
  readonly handler: unknown;
}

type Handler = (
  context: ConnectionContext<unknown, unknown, object, Record<string, unknown>>,
  data: unknown,
) => unknown;

/**
 * The module that a connection is: the same definition that the builder makes. Each event is an
 * action, and its handler's context is the action's in another form.
 *
 * @throws HoldfastError `DEFINITION_INVALID`, `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`
 */
export function compileConnection(
  options: ConnectionOptions,
  events: ReadonlyMap<string, EventDefinition>,
): ModuleDefinition {
  const { name, version = 1, migrate = {}, schema, state, persistOptions = {} } = options;
  const { shallow = false, throwOnError = true } = persistOptions;
  const stated = app.defineState(state, {
    name,
    version,
    migrate,
    ...(schema ? { schema } : undefined),
  });
  // The keys of the state as an object: nobody's contract is built from them.
  const keys = Object.keys(state) as never[];
  const persisted: readonly string[] = options.persistedKeys ?? keys;
  checkPersisted(name, persisted, keys);
  let builder = (
    persisted.length === 0 && options.persistedKeys
      ? stated.key(named())
      : stated.persist(durableObjectStore(named()))
  ).ephemeral(keys.filter((key) => !persisted.includes(key)));
  if (options.private) builder = builder.private(options.private as never[]) as typeof builder;
  if (options.view) builder = builder.view(options.view);
  if (options.authorize) builder = builder.authorize(options.authorize);
  if (options.onCreated) builder = builder.onCreated(options.onCreated);
  if (options.onError) builder = builder.onError(options.onError);
  if (options.onPersistError) builder = builder.onPersistError(options.onPersistError);
  if (options.onRestoreError) builder = builder.onRestoreError(options.onRestoreError);
  const wrap = (handler: Handler, isAsync: boolean): ActionHandler =>
    wrapped(handler, { isAsync, shallow });
  for (const [event, { options: given, handler }] of events) {
    const isAsync = given.async ?? isAsyncFunction(handler);
    const sql = given.sql ?? usesStorage(handler);
    builder = builder.onAction(
      event,
      { ...given, async: isAsync, sql },
      typeof handler === "function" ? wrap(handler as Handler, isAsync) : (handler as never),
    ) as typeof builder;
  }
  const hook = (own: ((context: never) => unknown) | undefined, joins: boolean): ConnectionHook => {
    const isAsync = isAsyncFunction(own);
    const handler = wrap((context) => {
      if (joins) for (const channel of channelsOf(context.meta)) context.rooms.join(channel);
      return own?.call(options, context as never);
    }, isAsync);
    const hooked = (_state: object, context: ActionContext<object>): void | Promise<void> =>
      handler(context, undefined) as void | Promise<void>;
    return Object.assign(hooked, { options: { async: isAsync, sql: usesStorage(own) } });
  };
  builder = builder.onConnect(hook(options.onConnect, true) as never);
  if (options.onDisconnect)
    builder = builder.onDisconnect(hook(options.onDisconnect, false) as never);
  const binding = options.connectionBinding ?? name;
  return { ...builder.build(), connection: { binding, throwOnError } };
}

type ActionHandler = (context: ActionContext<object>, data?: unknown) => unknown;

function wrapped(
  handler: Handler,
  { isAsync, shallow }: { readonly isAsync: boolean; readonly shallow: boolean },
): ActionHandler {
  // The engine makes every context that a handler is given.
  const open = (context: ActionContext<object>): EventContext =>
    new EventContext(context as EngineContext, shallow);
  if (!isAsync) {
    return (context, data) => {
      const own = open(context);
      const result = handler(own, data);
      own.end();
      return result;
    };
  }
  return async (context, data) => {
    const own = open(context);
    const result = await handler(own, data);
    own.end();
    return result;
  };
}

function checkPersisted(name: string, persisted: readonly string[], keys: readonly string[]): void {
  const missing = persisted.find((key) => !keys.includes(key));
  if (missing === undefined) return;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `persistedKeys of "${name}" has "${missing}", which the state does not begin with. Name keys of the state itself; is it misspelt?`,
  );
}

function channelsOf(meta: unknown): readonly string[] {
  // `extractMeta` was looked at in the Worker.
  return (meta as { readonly channels?: readonly string[] }).channels ?? [];
}

function isAsyncFunction(code: unknown): boolean {
  return typeof code === "function" && code.constructor.name === "AsyncFunction";
}

function usesStorage(code: unknown): boolean {
  return typeof code === "function" && mentionsSql(code);
}
