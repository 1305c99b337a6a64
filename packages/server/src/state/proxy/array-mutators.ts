import type { Value } from "@holdfast/protocol";
import { Intake } from "../intake.ts";
import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { ArrayNode } from "../node.ts";
import { scopeOf, TARGET } from "../tracked.ts";
import type { Scope } from "../tracked.ts";
import { clampIndex, toInteger } from "./array-arguments.ts";
import { sortedItems } from "./sorted-items.ts";
import type { Compare } from "./sorted-items.ts";
import type { TrackedArray } from "./tracked-array.ts";

/** The methods that change an array: one record of the undo log each, however many items move. */
export const ARRAY_MUTATORS = {
  push(this: TrackedArray, ...items: unknown[]): number {
    const node = this[TARGET];
    splice(scopeOf(this), node, node.length, 0, items);
    return node.length;
  },

  unshift(this: TrackedArray, ...items: unknown[]): number {
    const node = this[TARGET];
    splice(scopeOf(this), node, 0, 0, items);
    return node.length;
  },

  pop(this: TrackedArray): unknown {
    const node = this[TARGET];
    return node.length === 0 ? undefined : splice(scopeOf(this), node, node.length - 1, 1, [])[0];
  },

  shift(this: TrackedArray): unknown {
    const node = this[TARGET];
    return node.length === 0 ? undefined : splice(scopeOf(this), node, 0, 1, [])[0];
  },

  splice(
    this: TrackedArray,
    ...args: [start?: number, remove?: number, ...items: unknown[]]
  ): unknown[] {
    const node = this[TARGET];
    const [start, remove, ...items] = args;
    const index = clampIndex(start, node.length);
    const rest = args.length === 0 ? 0 : node.length - index;
    const count = args.length === 1 ? rest : Math.min(Math.max(toInteger(remove), 0), rest);
    return splice(scopeOf(this), node, index, count, items);
  },

  sort(this: TrackedArray, compare?: Compare): TrackedArray {
    const node = this[TARGET];
    const scope = scopeOf(this);
    // What the action has done to items that it does not see here is in them, before they are compared.
    scope.settle();
    const before = node.slice();
    const sorted = sortedItems(scope, node, compare);
    if (holdsExactly(node, before))
      arrange(
        scope,
        node,
        before,
        sorted.map(({ item }) => item),
      );
    // The comparator changed the array. As in plain JavaScript, the order of before wins.
    else
      splice(
        scope,
        node,
        0,
        sorted.length,
        sorted.map(({ tracked }) => tracked),
      );
    return this;
  },

  reverse(this: TrackedArray): TrackedArray {
    const node = this[TARGET];
    arrange(scopeOf(this), node, node.slice(), node.toReversed());
    return this;
  },

  fill(this: TrackedArray, value: unknown, start?: number, end?: number): TrackedArray {
    const node = this[TARGET];
    const from = clampIndex(start, node.length);
    const until = end === undefined ? node.length : clampIndex(end, node.length);
    // The value is taken anew for each place: a node never stands at two.
    const items = Array.from({ length: Math.max(0, until - from) }, () => value);
    splice(scopeOf(this), node, from, items.length, items);
    return this;
  },

  copyWithin(this: TrackedArray, target: number, start: number, end?: number): TrackedArray {
    const node = this[TARGET];
    const scope = scopeOf(this);
    const to = clampIndex(target, node.length);
    const from = clampIndex(start, node.length);
    const until = end === undefined ? node.length : clampIndex(end, node.length);
    const count = Math.max(0, Math.min(until - from, node.length - to));
    const items = node
      .slice(from, from + count)
      .map((item, at) => scope.wrap(item, node, from + at));
    splice(scope, node, to, count, items);
    return this;
  },
} as const;

/** Returns the removed items: they are detached, and live on for whoever holds them. */
function splice(
  scope: Scope,
  node: ArrayNode,
  index: number,
  count: number,
  items: readonly unknown[],
): unknown[] {
  const inserted = takeAll(scope, node, index, items);
  // Taking the items may have run a getter that changed the array.
  const at = Math.min(index, node.length);
  const removed = node.slice(at, at + count);
  if (removed.length === 0 && inserted.length === 0) return [];
  scope.log.run(new SpliceWrite(node, at, removed, inserted));
  return removed.map((item) => scope.wrap(item, undefined, undefined));
}

function takeAll(scope: Scope, node: ArrayNode, index: number, items: readonly unknown[]): Value[] {
  if (items.length === 0) return [];
  const intake = new Intake(scope, node);
  const taken = items.map((item, offset) => intake.take(item, index + offset));
  intake.commit();
  return taken;
}

function arrange(scope: Scope, node: ArrayNode, before: ArrayNode, after: ArrayNode): void {
  if (!holdsExactly(before, after)) scope.log.run(new OrderWrite(node, before, after));
}

function holdsExactly(node: ArrayNode, items: ArrayNode): boolean {
  return node.length === items.length && node.every((item, index) => Object.is(item, items[index]));
}
