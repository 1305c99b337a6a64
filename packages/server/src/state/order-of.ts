import { EntryOrder } from "./entry-order.ts";
import { metaOf } from "./node.ts";
import type { MapNode, NodeMeta, SetNode } from "./node.ts";

/** The order of a node's keys; built, if it was not kept so far. */
export function orderOf(node: MapNode | SetNode): EntryOrder {
  // True because only nodes that were written to are asked, and who writes to one has touched it.
  const meta = metaOf(node) as NodeMeta;
  return (meta.order ??= new EntryOrder(node.keys()));
}
