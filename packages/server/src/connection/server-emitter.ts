import type { ContractOf } from "../module/definition.ts";
import type { ConnectionDefinition } from "./define-connection.ts";

/** What a connection sends to clients, by the name of the event. */
export type EventsOf<Connection extends ConnectionDefinition> = ContractOf<
  Connection["module"]
>["events"];

/** Where an event of the server's own goes. */
export interface ServerTarget<Events> {
  /**
   * At most once, like every event. Resolves when the room, or the user's instance, has taken it over.
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP`, `VALUE_TOO_LARGE`, `KEY_INVALID`;
   * `BUSY`: it goes to nobody, try again later; `OUTCOME_UNKNOWN`: some may hear it
   */
  emit<Name extends keyof Events & string>(
    event: Name,
    ...data: undefined extends Events[Name] ? [data?: Events[Name]] : [data: Events[Name]]
  ): Promise<void>;
  /** The same without these: ids of users, or of connections. */
  except(...who: readonly string[]): ServerTarget<Events>;
}

/**
 * Sends a connection's events from code of the server that handles none of them: a request, a queue,
 * an action of a module. In a handler of the connection use `ctx.emit`, which goes with its commit.
 */
export interface ServerEmitter<Events> {
  /** Everybody whose connection is in the room. */
  toRoom(room: string): ServerTarget<Events>;
  /**
   * All connections of a user. Needs `authenticate`: without it, user ids prove nothing.
   *
   * @throws HoldfastError `DEFINITION_INVALID` at `emit` without `authenticate`
   */
  toUser(userId: string): ServerTarget<Events>;
}
