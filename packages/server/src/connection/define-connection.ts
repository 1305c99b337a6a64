import { HoldfastError, type ModuleContract } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { OutputOf, StandardSchema } from "../module/standard-schema.ts";
import { compileConnection, type EventDefinition } from "./compile-connection.ts";
import type { BaseMeta, ConnectionContext } from "./connection-context.ts";
import type { ConnectionOptions, EventOptions } from "./connection-options.ts";
import type {
  AnyEvents,
  ConnectionContractOf,
  DataOf,
  EventContract,
  ResultOf,
} from "./event-contract.ts";

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
