import type { Value } from "@holdfast/protocol";
import type { ArrayNode } from "../node.ts";
import { scopeOf, TARGET, targetOf } from "../tracked.ts";
import type { Scope } from "../tracked.ts";
import { clampIndex, toInteger } from "./array-arguments.ts";
import { ItemIterator } from "./item-iterator.ts";
import { sortedItems } from "./sorted-items.ts";
import type { Compare } from "./sorted-items.ts";
import type { TrackedArray } from "./tracked-array.ts";
import { WrappingIterator } from "./wrapping-iterator.ts";

type Callback = (this: unknown, item: unknown, index: number, array: unknown[]) => unknown;
type Reducer = (result: unknown, item: unknown, index: number, array: unknown[]) => unknown;

/**
 * The methods that read an array. They run on the raw array, where a visit costs no trap, and wrap
 * an item when somebody gets to see it.
 */
export const ARRAY_READERS = {
  forEach(this: TrackedArray, callback: Callback, self?: unknown): void {
    this[TARGET].forEach(visitor(this, callback, self));
  },

  map(this: TrackedArray, callback: Callback, self?: unknown): unknown[] {
    return this[TARGET].map(visitor(this, callback, self));
  },

  flatMap(this: TrackedArray, callback: Callback, self?: unknown): unknown[] {
    return this[TARGET].flatMap(visitor(this, callback, self));
  },

  some(this: TrackedArray, callback: Callback, self?: unknown): boolean {
    return this[TARGET].some(visitor(this, callback, self));
  },

  every(this: TrackedArray, callback: Callback, self?: unknown): boolean {
    return this[TARGET].every(visitor(this, callback, self));
  },

  findIndex(this: TrackedArray, callback: Callback, self?: unknown): number {
    return this[TARGET].findIndex(visitor(this, callback, self));
  },

  findLastIndex(this: TrackedArray, callback: Callback, self?: unknown): number {
    return this[TARGET].findLastIndex(visitor(this, callback, self));
  },

  find(this: TrackedArray, callback: Callback, self?: unknown): unknown {
    const collected = new Collector(this, callback, self);
    this[TARGET].find((item, index) => collected.add(item, index));
    return collected.items[0];
  },

  findLast(this: TrackedArray, callback: Callback, self?: unknown): unknown {
    const collected = new Collector(this, callback, self);
    this[TARGET].findLast((item, index) => collected.add(item, index));
    return collected.items[0];
  },

  filter(this: TrackedArray, callback: Callback, self?: unknown): unknown[] {
    const collected = new Collector(this, callback, self);
    this[TARGET].forEach((item, index) => collected.add(item, index));
    return collected.items;
  },

  reduce(this: TrackedArray, reducer: Reducer, ...initial: unknown[]): unknown {
    const scope = scopeOf(this);
    const node = this[TARGET];
    return reduce(initial, reducer, this, (step) => {
      node.forEach((item, index) => step(scope.wrap(item, node, index), index));
    });
  },

  reduceRight(this: TrackedArray, reducer: Reducer, ...initial: unknown[]): unknown {
    const scope = scopeOf(this);
    const node = this[TARGET];
    return reduce(initial, reducer, this, (step) => {
      for (let index = node.length - 1; index >= 0; index--) {
        if (index < node.length) step(scope.wrap(node[index], node, index), index);
      }
    });
  },

  at(this: TrackedArray, index: number): unknown {
    const node = this[TARGET];
    const offset = toInteger(index);
    const at = offset < 0 ? node.length + offset : offset;
    return scopeOf(this).wrap(node[at], node, at);
  },

  slice(this: TrackedArray, start?: number, end?: number): unknown[] {
    const node = this[TARGET];
    const scope = scopeOf(this);
    const from = clampIndex(start, node.length);
    return node.slice(from, end).map((item, offset) => scope.wrap(item, node, from + offset));
  },

  concat(this: TrackedArray, ...others: unknown[]): unknown[] {
    return wrapAll(this).concat(...others);
  },

  flat(this: TrackedArray, depth?: number): unknown[] {
    return wrapAll(this).flat(depth);
  },

  includes(this: TrackedArray, value: unknown, from?: number): boolean {
    return this[TARGET].includes(rawOf(this, value), from);
  },

  indexOf(this: TrackedArray, value: unknown, from?: number): number {
    return this[TARGET].indexOf(rawOf(this, value), from);
  },

  lastIndexOf(this: TrackedArray, value: unknown, ...from: [number?]): number {
    // An index that is given, even as `undefined`, is not the same as none.
    return this[TARGET].lastIndexOf(rawOf(this, value), ...(from as [number]));
  },

  join(this: TrackedArray, separator?: string): string {
    return settled(this).join(separator);
  },

  toString(this: TrackedArray): string {
    return settled(this).toString();
  },

  toLocaleString(this: TrackedArray): string {
    return settled(this).toLocaleString();
  },

  toReversed(this: TrackedArray): unknown[] {
    return wrapAll(this).reverse();
  },

  toSorted(this: TrackedArray, compare?: Compare): unknown[] {
    return sortedItems(scopeOf(this), this[TARGET], compare).map(({ tracked }) => tracked);
  },

  toSpliced(this: TrackedArray, ...args: [number, number, ...unknown[]]): unknown[] {
    return wrapAll(this).toSpliced(...args);
  },

  with(this: TrackedArray, index: number, value: unknown): unknown[] {
    return wrapAll(this).with(index, value);
  },

  keys(this: TrackedArray): IterableIterator<number> {
    return new WrappingIterator(scopeOf(this), this[TARGET].keys(), (index) => index);
  },

  values(this: TrackedArray): IterableIterator<unknown> {
    return new ItemIterator(scopeOf(this), this[TARGET]);
  },

  entries(this: TrackedArray): IterableIterator<[number, unknown]> {
    const scope = scopeOf(this);
    const node = this[TARGET];
    return new WrappingIterator(scope, node.entries(), ([index, item]) => [
      index,
      scope.wrap(item, node, index),
    ]);
  },
} as const;

function visitor(
  tracked: TrackedArray,
  callback: Callback,
  self: unknown,
): (item: Value, index: number) => unknown {
  const scope = scopeOf(tracked);
  const node = tracked[TARGET];
  return (item, index) => callback.call(self, scope.wrap(item, node, index), index, tracked);
}

/** The tracked items that a callback says yes to. */
export class Collector {
  readonly items: unknown[] = [];
  readonly #tracked: TrackedArray;
  readonly #scope: Scope;
  readonly #node: ArrayNode;
  readonly #callback: Callback;
  readonly #self: unknown;

  constructor(tracked: TrackedArray, callback: Callback, self: unknown) {
    this.#tracked = tracked;
    this.#scope = scopeOf(tracked);
    this.#node = tracked[TARGET];
    this.#callback = callback;
    this.#self = self;
  }

  add(item: Value, index: number): boolean {
    const tracked = this.#scope.wrap(item, this.#node, index);
    const isWanted = Boolean(this.#callback.call(this.#self, tracked, index, this.#tracked));
    if (isWanted) this.items.push(tracked);
    return isWanted;
  }
}

function reduce(
  initial: readonly unknown[],
  reducer: Reducer,
  array: unknown[],
  visit: (step: (item: unknown, index: number) => void) => void,
): unknown {
  let hasResult = initial.length > 0;
  let result = initial[0];
  visit((item, index) => {
    result = hasResult ? reducer(result, item, index, array) : item;
    hasResult = true;
  });
  if (!hasResult) throw new TypeError("Reduce of empty array with no initial value");
  return result;
}

function wrapAll(tracked: TrackedArray): unknown[] {
  const scope = scopeOf(tracked);
  const node = tracked[TARGET];
  return node.map((item, index) => scope.wrap(item, node, index));
}

/** The raw array, where Dates are as the action sees them. */
function settled(tracked: TrackedArray): ArrayNode {
  scopeOf(tracked).settle();
  return tracked[TARGET];
}

/** What stands in the raw array for a value that an action looks for. */
function rawOf(tracked: TrackedArray, value: unknown): Value {
  // True or harmless: what no state can hold is found nowhere.
  return (targetOf(value) ?? scopeOf(tracked).loans.originalOf(value)) as Value;
}
