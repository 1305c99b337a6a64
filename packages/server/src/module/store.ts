import type { KeyMode } from "@holdfast/protocol";
import type { KeyStrategy } from "./key-strategy.ts";

/** State kept by a Durable Object's own journal: every guarantee of Holdfast holds. */
export interface DurableObjectStore<Mode extends KeyMode = KeyMode> {
  readonly type: "durable-object";
  readonly strategy: KeyStrategy<Mode>;
}

/**
 * Keeps a module's state in the journal of a Durable Object, one object per instance.
 *
 * @example
 * app.defineState({ count: 0 }).persist(durableObjectStore(global()))
 */
export function durableObjectStore<Mode extends KeyMode>(
  strategy: KeyStrategy<Mode>,
): DurableObjectStore<Mode> {
  return { type: "durable-object", strategy };
}
