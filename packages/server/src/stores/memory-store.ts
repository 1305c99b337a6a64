import { cloneValue, type Value } from "@holdfast/protocol";
import type { StateStore } from "../module/state-store.ts";
import { type KeyOptions, resolver } from "./store-key.ts";

/**
 * Keeps states in the memory of the process, or of the isolate: for tests, and for what may be lost.
 *
 * @example
 * app.defineState({ draft: "" }).persist(memoryStore())
 */
export function memoryStore<State extends object = object>(
  options: KeyOptions<State> = {},
): StateStore<State> {
  const states = new Map<string, Value>();
  // Copies: what somebody does to theirs must not be seen here.
  return {
    resolveKey: resolver(options),
    load: async (key) => {
      const state = states.get(key);
      return state === undefined ? undefined : cloneValue(state);
    },
    save: async (key, state) => {
      // Checked by the clone.
      states.set(key, cloneValue(state as Value));
    },
    delete: async (key) => {
      states.delete(key);
    },
  };
}
