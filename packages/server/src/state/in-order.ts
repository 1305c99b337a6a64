import { metaOf } from "./node.ts";
import type { MapNode, SetNode } from "./node.ts";

/** A Map or Set with its entries where they belong: an undo may have left some at its end. */
export function inOrder<Node extends MapNode | SetNode>(node: Node): Node {
  const order = metaOf(node)?.order;
  if (order === undefined || !order.isDisturbed) return node;
  if (node instanceof Map) {
    const entries = new Map(node);
    node.clear();
    // True because the order has the keys of the Map, all of them and no other.
    for (const key of order.keys()) node.set(key, entries.get(key));
  } else {
    node.clear();
    for (const key of order.keys()) node.add(key);
  }
  order.settle();
  return node;
}
