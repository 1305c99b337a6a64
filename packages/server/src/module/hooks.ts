import type { ActionContext } from "./action-context.ts";
import type { KeyChangeHook } from "./key-change.ts";
import type { Sql } from "./sql.ts";

/** What `onCreated` is given beside the state. */
export interface CreatedContext {
  /** Whether there was a stored state. */
  readonly restored: boolean;
  /** The Worker's environment: bindings, variables, secrets. */
  readonly env: unknown;
  /** Milliseconds since 1970, the same throughout the hook. */
  readonly now: number;
  /** A fresh id, 32 hex digits. */
  readonly randomId: () => string;
  /** The instance's own database. What is written to it is undone if the hook throws. */
  readonly sql: Sql;
}

/**
 * Runs whenever an instance comes into memory, with the state restored and migrated, before anybody
 * sees it. One commit; a run that changes nothing writes nothing. When it throws, nobody gets in.
 */
export type CreatedHook<State = object> = (state: State, context: CreatedContext) => void;

/** Runs when a connection has come, or gone, as an action of its session: it may be `async`. */
export type ConnectionHook<State = object, Events = Record<never, never>> = (
  state: State,
  context: ActionContext<State, unknown, Events>,
) => void | Promise<void>;

/** A hook that says of itself what its own text does not show. */
export type ToldHook = ConnectionHook & {
  readonly options?: { readonly async: boolean; readonly sql: boolean };
};

/** Is told of what an action, or a hook, threw that is no `HoldfastError`. */
export type ErrorHook = (error: unknown, context: { readonly action: string }) => void;

/** Is told of a durable write that failed. `key` is the instance's; `""` where there is one. */
export type PersistErrorHook = (key: string, error: unknown) => void;

/** Is told why the stored state cannot be used. `"initial"`: begin anew; what is stored is kept. */
export type RestoreErrorHook = (error: unknown) => "initial" | void;

/**
 * Is told what the state of a session was that has ended (`session()`): it is deleted by then. At most
 * once; what it throws goes to the log.
 */
export type ExpireHook<State = object> = (
  state: State,
  context: { readonly env: unknown },
) => void | Promise<void>;

/** What a module wants to be told. */
export interface ModuleHooks {
  readonly created: CreatedHook | undefined;
  readonly connect: ToldHook | undefined;
  readonly disconnect: ToldHook | undefined;
  readonly error: ErrorHook | undefined;
  readonly persistError: PersistErrorHook | undefined;
  readonly restoreError: RestoreErrorHook | undefined;
  readonly keyChange: KeyChangeHook | undefined;
  readonly expire: ExpireHook | undefined;
}

export const NO_HOOKS: ModuleHooks = {
  created: undefined,
  connect: undefined,
  disconnect: undefined,
  error: undefined,
  persistError: undefined,
  restoreError: undefined,
  keyChange: undefined,
  expire: undefined,
};
