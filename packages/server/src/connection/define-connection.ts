import type { ModuleContract } from "@holdfast/protocol";
import { HoldfastError } from "@holdfast/protocol";
import type { Authorize } from "../module/authorize.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import type {
  CreatedHook,
  ErrorHook,
  PersistErrorHook,
  RestoreErrorHook,
} from "../module/hooks.ts";
import type { MigrateStep } from "../module/migrate-step.ts";
import type { ActionOptions } from "../module/module-builder.ts";
import type { OutputOf, StandardSchema } from "../module/standard-schema.ts";
import type { User } from "../module/user.ts";
import type { View } from "../module/view.ts";
import { compileConnection, type EventDefinition } from "./compile-connection.ts";
import type { BaseMeta, ConnectionContext } from "./connection-context.ts";
import type {
  AnyEvents,
  ConnectionContractOf,
  DataOf,
  EventContract,
  ResultOf,
} from "./event-contract.ts";

/** Options of `defineConnection`. */
export interface ConnectionOptions<
  Meta extends BaseMeta = BaseMeta,
  Env = unknown,
  State extends object = object,
  Events = Record<string, unknown>,
> {
  /** What storage calls it. */
  readonly name: string;
  /** Where sockets connect, beside `/holdfast/connect/connection:<name>`: `"/ws"`. */
  readonly websocketPath?: string;
  /** The exported class, and the binding, of its objects. Default: `name`. */
  readonly connectionBinding?: string;
  /** The state of a user that is new. */
  readonly state: State;
  /**
   * Keys that are kept for good; the others go back to their initial values when the user has been
   * gone for a minute. Left out: all are kept. `[]`: none.
   */
  readonly persistedKeys?: readonly (keyof State & string)[];
  readonly persistOptions?: {
    /**
     * `true`: what is inside of a value is handed out as a plain copy, and only assigning to a key of
     * the state itself persists. A change inside that is not assigned is warned of, once for each
     * place. Default: `false`, changes are tracked however deep they are.
     */
    readonly shallow?: boolean;
    /**
     * `false`: what storage does not take stays in the server's memory and is stored with the next
     * commit; nobody is told of it before, and a restart loses it. Default: `true`, see `PersistError`.
     */
    readonly throwOnError?: boolean;
  };
  /** Keys of the state that no client sees. */
  readonly private?: readonly (keyof State & string)[];
  /** See `ModuleBuilder.view`; `viewer.meta` is the connection's. */
  readonly view?: View;
  /** See `ModuleBuilder.authorize`; an event is an action. */
  readonly authorize?: Authorize<State>;
  /** See `StateOptions`. */
  readonly version?: number;
  readonly migrate?: Readonly<Record<number, MigrateStep>>;
  readonly schema?: StandardSchema;
  /**
   * Says whose connection it is, in the Worker, before anything wakes. `user` is whom `authenticate`
   * returned; without one, the session stands in for it. With `authenticate`, a `userId` that is not
   * the user's is refused; without it, the state is that of this session and `userId`.
   */
  extractMeta(
    request: Request,
    who: { readonly session: { readonly id: string }; readonly user: User; readonly env: Env },
  ): Meta | Promise<Meta>;
  /** See `CreatedHook`: whenever the user's state comes into memory. */
  readonly onCreated?: CreatedHook<State>;
  /** The state is loaded; the connection is in the rooms of `meta.channels`. */
  onConnect?(context: ConnectionContext<Meta, Env, State, Events>): void | Promise<void>;
  /** The connection is gone. A server that dies tells nobody: it is a courtesy. */
  onDisconnect?(context: ConnectionContext<Meta, Env, State, Events>): void | Promise<void>;
  readonly onError?: ErrorHook;
  readonly onPersistError?: PersistErrorHook;
  readonly onRestoreError?: RestoreErrorHook;
}

/** Options of an event. */
export type EventOptions = Omit<ActionOptions, "authorize">;

/** Adds the handler of an event, where a contract says what events there are. */
export interface TypedOn<Meta, Env, State, Contract extends EventContract, Self> {
  <Event extends keyof Contract["toServer"] & string>(
    event: Event,
    handler: (
      context: ConnectionContext<Meta, Env, State, Contract["toClient"]>,
      data: DataOf<Contract["toServer"][Event]>,
    ) => ResultOf<Contract["toServer"][Event]> | Promise<ResultOf<Contract["toServer"][Event]>>,
  ): Self;
  <Event extends keyof Contract["toServer"] & string>(
    event: Event,
    options: EventOptions,
    handler: (
      context: ConnectionContext<Meta, Env, State, Contract["toClient"]>,
      data: DataOf<Contract["toServer"][Event]>,
    ) => ResultOf<Contract["toServer"][Event]> | Promise<ResultOf<Contract["toServer"][Event]>>,
  ): Self;
}

/** Adds the handler of an event; the author says what its data is, or a schema does. */
export interface UntypedOn<Meta, Env, State, Events, Self> {
  <Data = unknown>(
    event: string,
    handler: (context: ConnectionContext<Meta, Env, State, Events>, data: Data) => unknown,
  ): Self;
  <Schema extends StandardSchema>(
    event: string,
    options: EventOptions & { readonly input: Schema },
    handler: (
      context: ConnectionContext<Meta, Env, State, Events>,
      data: OutputOf<Schema>,
    ) => unknown,
  ): Self;
  <Data = unknown>(
    event: string,
    options: Omit<EventOptions, "input">,
    handler: (context: ConnectionContext<Meta, Env, State, Events>, data: Data) => unknown,
  ): Self;
}

/** A connection: a state per user, with events and rooms. */
export interface ConnectionDefinition<Contract extends ModuleContract = ModuleContract> {
  readonly name: string;
  readonly websocketPath: string | undefined;
  readonly connectionBinding: string;
  // What the app's own meta is, only the app knows.
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly extractMeta: (request: Request, who: any) => unknown;
  /** The module that it is; from here on nothing can be added. */
  readonly module: ModuleDefinition<Contract>;
}

/** A connection in the making. */
export interface Connection<
  Meta extends BaseMeta,
  Env,
  State extends object,
  Contract extends EventContract,
> extends ConnectionDefinition<ConnectionContractOf<State, Contract, never>> {
  /**
   * Handles an event that clients emit: an action of the user's instance, atomic, durable, exactly
   * once. What the handler returns is what the client's `emit` resolves to.
   *
   * @throws HoldfastError `DEFINITION_INVALID` for a name taken or empty, or once it is in use
   *
   * @example
   * connection.on<{ text: string }>("message", (ctx, { text }) => {
   *   ctx.state.messageCount++;
   *   ctx.emit.toRoom("chat").emit("message", { text });
   * });
   */
  readonly on: AnyEvents extends Contract
    ? UntypedOn<Meta, Env, State, Contract["toClient"], this>
    : TypedOn<Meta, Env, State, Contract, this>;
}

/** All connections of an app, by the name that clients use. */
export type Connections = Readonly<Record<string, ConnectionDefinition>>;

/**
 * Defines a connection: a state per user (`meta.userId`), shared live by all of the user's pages, with
 * events in both directions, and rooms. It is a module, and runs as one: every guarantee holds.
 *
 * @throws HoldfastError `DEFINITION_INVALID`, `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`
 *
 * @example
 * export const connection = defineConnection<Meta, Env, UserState>({
 *   name: "UserConnection",
 *   state: { messageCount: 0, theme: "dark", online: false },
 *   persistedKeys: ["messageCount", "theme"],
 *   extractMeta: (request, { user }) => ({ userId: user.id, channels: ["chat"] }),
 * });
 */
export function defineConnection<
  Meta extends BaseMeta = BaseMeta,
  Env = unknown,
  State extends object = Record<never, never>,
  Contract extends EventContract = AnyEvents,
>(
  options: ConnectionOptions<Meta, Env, State, Contract["toClient"]>,
): Connection<Meta, Env, State, Contract> {
  const { name, websocketPath, connectionBinding = name } = options;
  checkNames(options.name, connectionBinding, websocketPath);
  const events = new Map<string, EventDefinition>();
  let module: ModuleDefinition | undefined;
  const compile = (): ModuleDefinition =>
    compileConnection(options as unknown as ConnectionOptions, events);
  // What is wrong with the options is told here and not when somebody connects.
  compile();
  const connection = {
    name,
    websocketPath,
    connectionBinding,
    extractMeta: (request: Request, who: never) => options.extractMeta(request, who),
    get module() {
      return (module ??= compile());
    },
    on(event: string, ...rest: readonly unknown[]) {
      if (module) refuseLate(event);
      const [given, handler] = rest.length > 1 ? rest : [{}, rest[0]];
      if (events.has(event)) refuseTwice(event);
      events.set(event, { options: given as EventOptions, handler });
      try {
        compile();
      } catch (error) {
        events.delete(event);
        throw error;
      }
      return connection;
    },
  };
  // The types of `on`, and the contract, are there for the author only.
  return connection as unknown as Connection<Meta, Env, State, Contract>;
}

function checkNames(name: string, binding: string, path: string | undefined): void {
  if (!/^[A-Za-z_$][\w$]*$/.test(binding)) {
    refuse(
      `The connection "${name}" needs a class, and "${binding}" cannot be the name of one. Pass connectionBinding: "UserConnection".`,
    );
  }
  if (name === "" || !name.isWellFormed()) refuse("The name of a connection is a text.");
  if (path !== undefined && (!path.startsWith("/") || path.startsWith("/holdfast/"))) {
    refuse(
      `The websocketPath "${path}" of "${name}" begins with a slash, and not with /holdfast/.`,
    );
  }
}

function refuseLate(event: string): never {
  return refuse(
    `The event "${event}" was added after the connection was put to use. Call on() where the connection is defined.`,
  );
}

function refuseTwice(event: string): never {
  return refuse(`The event "${event}" has a handler already. Write one that does both.`);
}

function refuse(message: string): never {
  throw new HoldfastError("DEFINITION_INVALID", message);
}
