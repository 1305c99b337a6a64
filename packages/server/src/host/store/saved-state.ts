import {
  cloneValue,
  HoldfastError,
  kindOf,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../../module/definition.ts";

/** Says which version of the module's state a saved value is of; left out for version 1. */
const VERSION_KEY = "$version";

/**
 * A copy of the state as a store is given it: without what is ephemeral.
 *
 * @param version what it is of; default: the module's
 * @throws HoldfastError `VALUE_UNSUPPORTED` for a state that has a key of its own of Holdfast's name
 */
export function toSaved(
  { ephemeral, version: newest }: ModuleDefinition,
  state: ValueObject,
  version: number = newest,
): ValueObject {
  if (Object.hasOwn(state, VERSION_KEY)) {
    throw new HoldfastError(
      "VALUE_UNSUPPORTED",
      `The state has a key "${VERSION_KEY}", under which the version of the state is saved in stores. Give it another name.`,
    );
  }
  const saved: Record<string, Value> = {};
  for (const [key, value] of Object.entries(state)) {
    if (ephemeral === "all" || !ephemeral.includes(key)) saved[key] = cloneValue(value);
  }
  if (version > 1) saved[VERSION_KEY] = version;
  return saved;
}

/**
 * What a store has loaded.
 *
 * @throws HoldfastError `RESTORE_FAILED` for what is no state
 */
export function fromSaved(loaded: unknown): { state: ValueObject; version: number } {
  if (kindOf(loaded) !== "object") {
    throw new HoldfastError(
      "RESTORE_FAILED",
      "What the store has under the key of this instance is no object, so it is no state. Does load() decode what save() encoded? Nothing was changed.",
    );
  }
  // A clone of a plain object is one; the store may go on with its own.
  const { [VERSION_KEY]: version = 1, ...state } = cloneValue(loaded) as Record<string, Value>;
  if (typeof version === "number" && Number.isSafeInteger(version)) return { state, version };
  throw new HoldfastError(
    "RESTORE_FAILED",
    `What the store has under the key of this instance names no version in "${VERSION_KEY}". Nothing was changed.`,
  );
}
