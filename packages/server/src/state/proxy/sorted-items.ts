import type { Value } from "@holdfast/protocol";
import type { ArrayNode } from "../node.ts";
import type { Scope } from "../tracked.ts";

export type Compare = (one: unknown, other: unknown) => number;

export interface SortedItem {
  readonly item: Value;
  readonly tracked: unknown;
}

/** The items of an array in order, as `sort` makes it; the comparator sees them tracked. */
export function sortedItems(scope: Scope, node: ArrayNode, compare?: Compare): SortedItem[] {
  if (compare !== undefined && typeof compare !== "function") {
    throw new TypeError("The comparison function must be either a function or undefined");
  }
  // Without a comparator the texts of Dates count: those that the action sees.
  if (compare === undefined) scope.settle();
  const items = node.map((item, index) => ({
    item,
    tracked: scope.wrap(item, node, index),
    // The text of the raw item: a tracked object inherits no toString.
    text: compare === undefined ? String(item) : "",
  }));
  const defined = items.filter(({ item }) => item !== undefined);
  if (compare === undefined) defined.sort((one, other) => compareText(one.text, other.text));
  else defined.sort((one, other) => compare(one.tracked, other.tracked));
  return [...defined, ...items.filter(({ item }) => item === undefined)];
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
