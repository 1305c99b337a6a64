import {
  cloneValue,
  HoldfastError,
  kindOf,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";

/** The state that an instance comes into memory with. */
export function restoredState(module: ModuleDefinition, stored: Value | undefined): ValueObject {
  // Every instance owns its state: the definition's initial state is shared by all of them.
  if (stored === undefined) return cloneValue(module.initial) as ValueObject;
  if (kindOf(stored) === "object") return stored as ValueObject;
  throw new HoldfastError(
    "RESTORE_FAILED",
    "The stored state is not an object. Storage holds the data of something else; nothing was changed.",
  );
}

/**
 * Merges the initial state into a stored one: a key that the stored state lacks is added, plain
 * objects are merged deeply, everything else stays as it was stored. Runs inside a commit, so that
 * the history says how the state came about.
 */
export function mergeInitial(state: object, initial: ValueObject): void {
  // Both are plain objects: one checked by the definition, the other by `restoredState`.
  const target = state as Record<string, unknown>;
  for (const [key, value] of Object.entries(initial)) {
    if (!Object.hasOwn(target, key)) target[key] = value;
    else if (kindOf(value) === "object" && isPlainObject(target[key])) {
      mergeInitial(target[key], value as ValueObject);
    }
  }
}

function isPlainObject(value: unknown): value is object {
  return kindOf(value) === "object";
}
