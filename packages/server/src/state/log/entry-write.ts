import type { Primitive, Value } from "@holdfast/protocol";
import type { Disorder } from "../disorder.ts";
import { FIRST } from "../entry-order.ts";
import type { Predecessor } from "../entry-order.ts";
import { ABSENT, attach, detach, metaOf } from "../node.ts";
import type { Absent, MapNode, SetNode } from "../node.ts";
import { orderOf, takeOut } from "../order-of.ts";
import type { Write } from "./write.ts";

/**
 * An entry of a Map set or deleted, or a member of a Set added (its value is its key) or deleted.
 */
export class EntryWrite implements Write {
  readonly node: MapNode | SetNode;
  readonly key: Primitive;
  readonly before: Value | Absent;
  readonly after: Value | Absent;
  /** What stood before a deleted entry. */
  #predecessor: Predecessor = FIRST;

  constructor(
    node: MapNode | SetNode,
    key: Primitive,
    before: Value | Absent,
    after: Value | Absent,
  ) {
    this.node = node;
    // As a Map would keep it: -0 is 0.
    this.key = key === 0 ? 0 : key;
    this.before = before;
    this.after = after;
  }

  redo(): void {
    const { node, key, before, after } = this;
    this.reorder();
    if (after === ABSENT) node.delete(key);
    else put(node, key, after);
    detach(before, node);
    attach(after, node, key);
  }

  undo(disorder: Disorder): void {
    const { node, key, before, after } = this;
    this.restoreOrder();
    if (metaOf(node)?.order?.isDisturbed) disorder.add(node);
    if (before === ABSENT) node.delete(key);
    else put(node, key, before);
    detach(after, node);
    attach(before, node, key);
  }

  /** The part of `redo` that concerns the order of the keys alone. */
  reorder(): void {
    if (this.after === ABSENT) this.#predecessor = takeOut(this.node, this.key);
    else if (this.before === ABSENT) metaOf(this.node)?.order?.append(this.key);
  }

  /** The part of `undo` that concerns the order of the keys alone. */
  restoreOrder(): void {
    if (this.before === ABSENT) metaOf(this.node)?.order?.remove(this.key);
    else if (this.after === ABSENT) {
      const order = orderOf(this.node);
      // Otherwise it is still there: the deletion was logged, but never made.
      if (!order.has(this.key)) order.restore(this.key, this.#predecessor);
    }
  }
}

function put(node: MapNode | SetNode, key: Primitive, value: Value): void {
  if (node instanceof Map) node.set(key, value);
  else node.add(key);
}
