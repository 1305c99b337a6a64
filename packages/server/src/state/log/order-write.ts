import type { Value } from "@holdfast/protocol";
import type { ArrayNode } from "../node.ts";
import type { Write } from "./write.ts";

/** The items of an array in another order: the same ones, none new and none gone. */
export class OrderWrite implements Write {
  readonly node: ArrayNode;
  readonly before: readonly Value[];
  readonly after: readonly Value[];

  constructor(node: ArrayNode, before: readonly Value[], after: readonly Value[]) {
    this.node = node;
    this.before = before;
    this.after = after;
  }

  redo(): void {
    this.#put(this.after);
  }

  undo(): void {
    this.#put(this.before);
  }

  #put(items: readonly Value[]): void {
    for (let index = 0; index < items.length; index++) this.node[index] = items[index];
  }
}
