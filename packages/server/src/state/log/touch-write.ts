import type { Primitive, Value } from "@holdfast/protocol";
import type { Absent, StateNode } from "../node.ts";
import type { Write } from "./write.ts";

interface Place {
  readonly key: Primitive;
  readonly value: Value | Absent;
}

/**
 * A write that changed nothing: a value assigned to where the same one stood. It is remembered where
 * others may change the place before it is committed: then it was no idle write.
 */
export class TouchWrite implements Write {
  /** No content changes, so there is nothing to derive from it. */
  readonly node = undefined;
  readonly touched: StateNode;
  /** `undefined`: the node as a whole. */
  readonly place: Place | undefined;

  constructor(touched: StateNode, place: Place | undefined) {
    this.touched = touched;
    this.place = place;
  }

  redo(): void {}

  undo(): void {}
}
