import type { Value } from "@holdfast/protocol";
import { attach, detach } from "../node.ts";
import type { ArrayNode } from "../node.ts";
import { spliceItems } from "../splice-items.ts";
import type { Write } from "./write.ts";

/** Items of an array removed, inserted, or both, at one index. */
export class SpliceWrite implements Write {
  readonly node: ArrayNode;
  readonly index: number;
  readonly removed: readonly Value[];
  readonly inserted: readonly Value[];
  #applied = false;

  constructor(
    node: ArrayNode,
    index: number,
    removed: readonly Value[],
    inserted: readonly Value[],
  ) {
    this.node = node;
    this.index = index;
    this.removed = removed;
    this.inserted = inserted;
  }

  redo(): void {
    spliceItems(this.node, this.index, this.removed.length, this.inserted);
    this.#applied = true;
    this.#rehome(this.removed, this.inserted);
  }

  undo(): void {
    if (this.#applied) spliceItems(this.node, this.index, this.inserted.length, this.removed);
    this.#applied = false;
    this.#rehome(this.inserted, this.removed);
  }

  #rehome(gone: readonly Value[], come: readonly Value[]): void {
    for (const item of gone) detach(item, this.node);
    for (const [offset, item] of come.entries()) attach(item, this.node, this.index + offset);
  }
}
