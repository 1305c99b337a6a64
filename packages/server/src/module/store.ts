import type { KeyMode } from "@holdfast/protocol";
import type { DerivedStrategy, KeyStrategy } from "./key-strategy.ts";

/** State kept by a Durable Object's own journal: every guarantee of Holdfast holds. */
export interface DurableObjectStore<Mode extends KeyMode = KeyMode, State = object> {
  readonly type: "durable-object";
  readonly strategy: KeyStrategy<Mode, State>;
}

/**
 * Keeps a module's state in the journal of a Durable Object, one object per instance.
 *
 * @example
 * app.defineState({ count: 0 }).persist(durableObjectStore(global()))
 */
export function durableObjectStore<State>(
  // By itself, so that the function in it is given its state by the module that it is for.
  strategy: DerivedStrategy<State>,
): DurableObjectStore<"fixed", State>;
export function durableObjectStore<Mode extends KeyMode>(
  strategy: KeyStrategy<Mode>,
): DurableObjectStore<Mode>;
export function durableObjectStore<Mode extends KeyMode, State>(
  strategy: KeyStrategy<Mode, State>,
): DurableObjectStore<Mode, State> {
  return { type: "durable-object", strategy };
}
