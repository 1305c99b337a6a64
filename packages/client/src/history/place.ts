import type { Path, Value } from "@holdfast/protocol";
import { shareStructure } from "../store/share-structure.ts";

/** A place of a state at which a change is taken back. */
export interface Place {
  readonly path: Path;
  /** The places that stay as they are. */
  readonly skipped: Path[];
  /** Takes the change back inside of what stands at a place. */
  readonly inside: (place: Place, before: Value, after: Value, now: Value) => Value;
}

/** Equal, whatever they are made of. */
export function isSame(one: Value, other: Value): boolean {
  return shareStructure(one, other) === one;
}
