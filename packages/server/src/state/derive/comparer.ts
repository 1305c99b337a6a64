import type { Value } from "@holdfast/protocol";
import type { Absent, StateNode } from "../node.ts";
import type { Base } from "./base.ts";
import type { PatchList } from "./patch-list.ts";

/** What comparing the content of one node needs of the whole derivation. */
export interface Comparer {
  readonly list: PatchList;
  readonly base: Base;
  /** Adds what turns `before` into `after` at the place of the list. */
  compare(before: Value | Absent, after: Value | Absent): void;
  /** Whether a node, or one that it holds, was written to. */
  hasChanged(node: StateNode): boolean;
  /** Whether nothing has to be sent for `after` where `before` stood. */
  isSame(before: Value, after: Value): boolean;
}
