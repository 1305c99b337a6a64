import { HoldfastError } from "@holdfast/protocol";

/**
 * A home for state of your own: a database, a cache, a service. Any object with these four methods
 * will do. What it keeps are whole values, by keys that it chooses itself.
 *
 * States hold what `structuredClone` can copy: beside plain data also `Map`, `Set`, `Date`, `bigint`,
 * typed arrays and the like. `encodeState` and `decodeState` make texts of them and back.
 *
 * @example
 * const files: StateStore<{ user: { id: string } | null }> = {
 *   resolveKey: (state, moduleName) => state.user && `${moduleName}-${state.user.id}`,
 *   load: async (key) => decodeState(await read(key)),
 *   save: (key, state) => write(key, encodeState(state)),
 *   delete: (key) => remove(key),
 * };
 */
export interface StateStore<State extends object = object> {
  /**
   * Which value a session works with; equal answers share one instance. Asked with the initial state
   * when somebody connects, and behind every commit: another answer moves the session, as `withKey`
   * does. `null`: the session has a state of its own, which is not kept here.
   *
   * @param sessionId the browser session; `""` on behalf of nobody, where only a change counts
   */
  resolveKey(state: State, moduleName: string, sessionId: string): string | null;
  /** What was saved last; `undefined` or `null` where there is nothing. */
  load(key: string): unknown;
  /** Takes the place of what was saved before. Resolves when it is safe; the state is a copy. */
  save(key: string, state: State): unknown;
  /** Forgets the key; one that is not there is nothing. */
  delete(key: string): unknown;
}

/** Options of `persist` with a `StateStore`. */
export interface StoreOptions {
  /** Nobody is told of a commit before the store has it. Default: false. */
  readonly saveBeforeAck?: boolean;
  /**
   * A value that belongs to one session (`resolveKey` gives it for the initial state and that session,
   * and not for another one) is deleted when nobody was there for so long; then `onExpire` runs.
   * Default: 30 days; `Infinity`: never.
   */
  readonly idleSeconds?: number;
}

/** Where a module's state has its home, beside the instance's own journal. */
export interface Home {
  readonly store: StateStore;
  readonly saveBeforeAck: boolean;
}

const METHODS = ["resolveKey", "load", "save", "delete"] as const;

/** @throws HoldfastError `DEFINITION_INVALID` */
export function homeOf(store: StateStore, options: StoreOptions = {}): Home {
  // Whatever the types say.
  const methods = store as unknown as Readonly<Record<string, unknown>> | null;
  const missing = METHODS.find((name) => typeof methods?.[name] !== "function");
  if (missing === undefined) return { store, saveBeforeAck: options.saveBeforeAck === true };
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `What .persist() was given has no method ${missing}(), so it is no StateStore. A store has ${METHODS.join(", ")}.`,
  );
}
