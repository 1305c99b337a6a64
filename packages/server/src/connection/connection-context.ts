import type { ActionContext } from "../module/action-context.ts";
import type { DirectStorage } from "../module/direct-storage.ts";

/** What every connection's meta says; the rest is up to the app. */
export interface BaseMeta {
  /** Whose state it is. */
  readonly userId: string;
  /** Rooms that the page is in from the start. */
  readonly channels?: readonly string[];
}

/** Sends events to some. */
export interface Emitter<Events> {
  /**
   * With the commit of the event that is being handled, never if it is undone. At most once: whoever
   * is not connected just then, or cannot be reached for a few seconds, does not hear of it.
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP` or `VALUE_TOO_LARGE`; to a room or
   * another user also `KEY_INVALID`, or `BUSY` where too much waits to go there
   */
  emit<Name extends keyof Events & string>(
    event: Name,
    ...data: undefined extends Events[Name] ? [data?: Events[Name]] : [data: Events[Name]]
  ): void;
  /** The same without these: ids of users, or of connections (`ctx.connection.id`). */
  except(...who: readonly string[]): Emitter<Events>;
}

/** `ctx.emit`: to all connections of this user, or to others. */
export interface ConnectionEmitter<Events> extends Emitter<Events> {
  /** Everybody whose connection is in the room, in the order of this user's events. */
  toRoom(room: string): Emitter<Events>;
  /**
   * All connections of another user. Needs `authenticate`: without it, user ids prove nothing.
   *
   * @throws HoldfastError `DEFINITION_INVALID` at `emit` without `authenticate`
   */
  toUser(userId: string): Emitter<Events>;
}

/** What the handler of an event, `onConnect` and `onDisconnect` are given. */
export interface ConnectionContext<Meta, Env, State, Events> extends Omit<
  ActionContext<State, Env>,
  "emit" | "presence"
> {
  /** The connection that sent the event; the same over reconnects, another one after a reload. */
  readonly connection: { readonly id: string };
  /**
   * What `extractMeta` returned for the connection, and `setMeta` since. Kept with the socket: it
   * outlives hibernation, and is made anew when the client connects again.
   *
   * @throws HoldfastError `DEFINITION_INVALID` in an event that the server itself has scheduled
   */
  readonly meta: Readonly<Meta>;
  /**
   * Changes fields of `meta`; seen at once, taken back if the event is undone.
   *
   * @throws HoldfastError `META_TOO_LARGE`, `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`
   */
  readonly setMeta: (patch: Partial<Meta>) => void;
  readonly emit: ConnectionEmitter<Events>;
  readonly rooms: {
    /** The connection is in the room, with the commit of the event, until it leaves or is gone for a minute. */
    join(room: string): void;
    leave(room: string): void;
  };
  readonly actor: { getStorage(): DirectStorage };
}
