import type { Primitive, Value } from "@holdfast/protocol";
import { attach, detach, metaOf } from "../node.ts";
import type { MapNode, SetNode } from "../node.ts";
import type { Write } from "./write.ts";

/** A Map or Set emptied. */
export class ClearWrite implements Write {
  readonly node: MapNode | SetNode;
  /** What it held, in order; a member of a Set is its own value. */
  readonly entries: readonly (readonly [Primitive, Value])[];

  constructor(node: MapNode | SetNode) {
    this.node = node;
    this.entries = [...node.entries()];
  }

  redo(): void {
    this.reorder();
    this.node.clear();
    for (const [, value] of this.entries) detach(value, this.node);
  }

  undo(): void {
    const { node } = this;
    node.clear();
    for (const [key, value] of this.entries) {
      if (node instanceof Map) node.set(key, value);
      else node.add(key);
      attach(value, node, key);
    }
    this.restoreOrder();
  }

  /** The part of `redo` that concerns the order of the keys alone. */
  reorder(): void {
    metaOf(this.node)?.order?.clear();
  }

  /** The part of `undo` that concerns the order of the keys alone. */
  restoreOrder(): void {
    const order = metaOf(this.node)?.order;
    if (order === undefined) return;
    order.clear();
    for (const [key] of this.entries) order.append(key);
  }
}
