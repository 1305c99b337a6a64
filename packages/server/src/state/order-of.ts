import type { Primitive } from "@holdfast/protocol";
import { EntryOrder, FIRST, type Predecessor } from "./entry-order.ts";
import { metaOf } from "./node.ts";
import type { MapNode, NodeMeta, SetNode } from "./node.ts";

/** As often its keys are gone through one by one before the list is made: that costs as much. */
const SEARCHES = 4;

/** The order of a node's keys; built, if it was not kept so far. */
export function orderOf(node: MapNode | SetNode): EntryOrder {
  const meta = touched(node);
  return (meta.order ??= new EntryOrder(node.keys()));
}

/**
 * Takes a key out of the order, right before the node loses it, and tells what stands before it.
 * Most deletions are never undone, so a first few make no list of all keys.
 */
export function takeOut(node: MapNode | SetNode, key: Primitive): Predecessor {
  const meta = touched(node);
  if (meta.order || meta.searched >= SEARCHES * node.size) return orderOf(node).remove(key);
  let predecessor: Predecessor = FIRST;
  for (const one of node.keys()) {
    if (Object.is(one, key)) break;
    predecessor = one;
    meta.searched++;
  }
  return predecessor;
}

function touched(node: MapNode | SetNode): NodeMeta {
  // True because only nodes that were written to are asked, and who writes to one has touched it.
  return metaOf(node) as NodeMeta;
}
