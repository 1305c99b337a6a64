import type { User } from "./user.ts";
import type { PresentUser } from "./present-user.ts";
import type { DirectStorage } from "./direct-storage.ts";
import type { Sql } from "./sql.ts";
import type { Stream, StreamPath } from "./stream.ts";

/** What an action's handler is given beside its payload. */
export interface ActionContext<
  State,
  Env = unknown,
  Events = Record<never, never>,
  Presence = unknown,
> {
  /**
   * The state, tracked: read and write it like an ordinary object. Every change of one action
   * becomes one commit when the handler returns; none does when it throws. Ends with the action.
   */
  readonly state: State;
  /** The browser session that sent the action, minted and signed by the server. */
  readonly session: { readonly id: string };
  /** Whom `authenticate` returned when that connection was made; `null`: nobody in particular. */
  readonly user: User | null;
  /** The Worker's environment: bindings, variables, secrets. */
  readonly env: Env;
  /** The instance's own database, for what does not belong into the state. */
  readonly sql: Sql;
  /** Entries by key in the same database: what piles up, and no client is to have as a whole. */
  readonly storage: DirectStorage;
  /** What connections show of their users just now, where the module declares `.presence()`. */
  readonly presence: readonly PresentUser<Presence>[];
  /** Names this call: the same when a client sends it again. */
  readonly actionId: string;
  /**
   * Milliseconds since 1970, the same throughout the action, and the same that the client's prediction
   * was told. So it may be off by what `limits.clockSkewMs` allows, and go back from one action to the
   * next: it is for what people read, not for deciding who came first. The order of actions does that.
   */
  readonly now: number;
  /**
   * Publishes what an asynchronous action has written so far, as one commit; a later throw rolls back
   * only to here. Resolves when it is durable.
   *
   * @throws HoldfastError `CONFLICT`, `BUSY`, or `DEFINITION_INVALID` in a synchronous action
   */
  readonly commit: () => Promise<void>;
  /**
   * Tells every connection of the instance, behind the commit of the action; nobody, if it throws.
   * At most once: who is not connected just then does not hear of it. Views do not filter it.
   * `.events<{ sneezed: { who: string } }>()` declares what there is to emit.
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP` or `VALUE_TOO_LARGE`
   */
  readonly emit: <Name extends keyof Events & string>(
    event: Name,
    ...data: undefined extends Events[Name] ? [data?: Events[Name]] : [data: Events[Name]]
  ) => void;
  /**
   * Has an action of this module run at a time, as principal `server`, exactly once, also if nobody
   * is connected then. Durable with the commit of this action. One that throws is not run again.
   *
   * @param when a point in time, or milliseconds from now
   * @returns an id, for `unschedule`
   * @throws HoldfastError `UNKNOWN_ACTION`, or `INPUT_INVALID` for a time that is none
   *
   * @example
   * schedule(60_000, "expire", id)
   */
  readonly schedule: (when: Date | number, action: string, payload?: unknown) => string;
  /**
   * A stream of the state, by its path: text that grows while everybody watches.
   *
   * @throws HoldfastError `DEFINITION_INVALID` where there is none
   *
   * @example
   * const reply = stream("reply");
   * reply.reset();
   * for await (const part of model.generate(prompt, { signal: reply.signal })) reply.append(part);
   */
  readonly stream: (path: StreamPath) => Stream;
  /** Calls off what `schedule` gave the id of, with the commit of this action. */
  readonly unschedule: (id: string) => void;
  /** A fresh id, 32 hex digits; the client's prediction of this action gets the same ones. */
  readonly randomId: () => string;
}
