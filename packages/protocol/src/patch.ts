import type { Path } from "./path.ts";
import type { Primitive, Value } from "./value.ts";

/** Adds an object key, Map entry (at the end) or array item (before `index`, the last path segment). */
export interface AddPatch {
  readonly op: "add";
  readonly path: Path;
  readonly value: Value;
}

/** Replaces what stands at an existing place; the empty path replaces the whole state. */
export interface ReplacePatch {
  readonly op: "replace";
  readonly path: Path;
  readonly value: Value;
}

/** Removes an object key, Map entry or array item. */
export interface RemovePatch {
  readonly op: "remove";
  readonly path: Path;
}

/** `array.splice(index, remove, ...value)` on the array at `path`. */
export interface SplicePatch {
  readonly op: "splice";
  readonly path: Path;
  readonly index: number;
  readonly remove: number;
  readonly value: readonly Value[];
}

/**
 * Reorders the array, Map or Set at `path`: the item at new position `i` is the one that stood at
 * `permutation[i]`. A permutation of exactly `0 … size - 1`.
 */
export interface OrderPatch {
  readonly op: "order";
  readonly path: Path;
  readonly permutation: readonly number[];
}

/** Removes members from, then adds members to the end of, the Set at `path`. */
export interface MembersPatch {
  readonly op: "members";
  readonly path: Path;
  readonly remove: readonly Primitive[];
  readonly value: readonly Primitive[];
}

/** Appends to the string at `path`. */
export interface AppendPatch {
  readonly op: "append";
  readonly path: Path;
  readonly value: string;
}

/**
 * One change. The patches of a commit apply in order, each to the outcome of the one before. When
 * the operations on a place would cost more than its value, one `replace` is sent.
 */
export type Patch =
  | AddPatch
  | ReplacePatch
  | RemovePatch
  | SplicePatch
  | OrderPatch
  | MembersPatch
  | AppendPatch;
