import type { Value } from "@holdfast/protocol";
import type { ArrayNode } from "./node.ts";

/** Most items that are spread into one call: far more would overflow the stack. */
const SPREAD_ITEMS = 1_000;

/** `items.splice(index, remove, ...insert)`, for any number of items, with fast ends. */
export function spliceItems(
  items: ArrayNode,
  index: number,
  remove: number,
  insert: readonly Value[],
): void {
  if (insert.length > SPREAD_ITEMS) {
    const tail = items.splice(index);
    for (const item of insert) items.push(item);
    for (let at = remove; at < tail.length; at++) items.push(tail[at]);
  } else if (remove === 0 && index === items.length) items.push(...insert);
  else if (remove === 1 && insert.length === 0 && index === 0) items.shift();
  else items.splice(index, remove, ...insert);
}
