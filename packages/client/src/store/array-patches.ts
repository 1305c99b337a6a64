import type { Patch, Path, Value } from "@holdfast/protocol";
import { identityOf } from "./item-identity.ts";
import { orderOf } from "./order-of.ts";

type Items = readonly Value[];

/** What goes on inside of items, and where patches go. */
export interface ItemDerivation {
  readonly patches: Patch[];
  compare(path: Path, previous: Value, next: Value): void;
  replace(path: Path, value: Value): void;
  /** A value as it goes into the state, at a path. */
  copy(path: Path, value: Value): Value;
}

/** So many items that have moved are told as an order of all. */
const MANY_MOVED = 8;

/** One stretch of items between two that stayed: what stood there, and what stands there now. */
interface Gap {
  /** In the previous array. */
  readonly from: number;
  readonly to: number;
  /** In the next one. */
  readonly nextFrom: number;
  readonly nextTo: number;
}

/**
 * The patches between two arrays: splices, an order, and what changed inside of items.
 *
 * An item that is the same object, or an equal primitive, has stayed. One that was changed inside is
 * another object: it is taken for the one that stood there only if both have the same `id` or `key`,
 * since a patch inside of the wrong item would be merged with what others do to that. Otherwise it is
 * told whole.
 */
export function arrayPatches(
  derivation: ItemDerivation,
  path: Path,
  previous: Items,
  next: Items,
): void {
  const whole = trim(previous, next);
  const order = orderAlone(previous, next, whole);
  if (order) {
    derivation.patches.push({ op: "order", path, permutation: order });
    return;
  }
  const gaps = gapsIn(previous, next, whole);
  // Backwards, so that what a splice moves was told before.
  for (const gap of gaps.toReversed()) fill(derivation, path, { previous, next, gap });
}

function fill(
  derivation: ItemDerivation,
  path: Path,
  { previous, next, gap }: { previous: Items; next: Items; gap: Gap },
): void {
  const { from, to, nextFrom, nextTo } = gap;
  const count = to - from;
  const isPaired = count === nextTo - nextFrom;
  if (isPaired) {
    for (let offset = count - 1; offset >= 0; offset--) {
      const before = previous[from + offset];
      const after = next[nextFrom + offset];
      const place = [...path, from + offset];
      if (isSameItem(before, after)) derivation.compare(place, before, after);
      else derivation.replace(place, after);
    }
    return;
  }
  // True because a copy of an array is one.
  const value = derivation.copy(path, next.slice(nextFrom, nextTo)) as readonly Value[];
  derivation.patches.push({ op: "splice", path, index: from, remove: count, value });
}

/** Whether two objects are one item before and after. */
export function isSameItem(before: Value, after: Value): boolean {
  const identity = identityOf(before);
  return identity !== undefined && identity === identityOf(after);
}

/** What is left between the items at both ends that stayed. */
function trim(previous: Items, next: Items): Gap {
  const common = Math.min(previous.length, next.length);
  let from = 0;
  while (from < common && Object.is(previous[from], next[from])) from++;
  let to = previous.length;
  let nextTo = next.length;
  while (to > from && nextTo > from && Object.is(previous[to - 1], next[nextTo - 1])) {
    to--;
    nextTo--;
  }
  // Equal items do not say which of them came or went: the first that it may have been touches all
  // that it may have touched.
  const longer = to === from ? next : previous;
  if (to === from || nextTo === from) {
    let end = to === from ? nextTo : to;
    while (end > from && from > 0 && Object.is(longer[from - 1], longer[end - 1])) {
      from--;
      end--;
      to--;
      nextTo--;
    }
  }
  return { from, to, nextFrom: from, nextTo };
}

/** The permutation, where the items are the same ones and many have moved. */
function orderAlone(previous: Items, next: Items, { from, to, nextTo }: Gap): number[] | undefined {
  if (previous.length !== next.length || to - from <= MANY_MOVED || to !== nextTo) return undefined;
  const items = new Set(previous);
  if (items.size < previous.length || !next.every((item) => items.delete(item))) return undefined;
  return orderOf(previous, next);
}

/** The stretches between the items that stayed, and kept their order among each other. */
function gapsIn(previous: Items, next: Items, { from, to, nextTo }: Gap): Gap[] {
  const places = new Map<Value, number>();
  const repeated = new Set<Value>();
  for (let index = from; index < to; index++) {
    const item = previous[index];
    if (places.has(item)) repeated.add(item);
    places.set(item, index);
  }
  const pairs: (readonly [previous: number, next: number])[] = [];
  const seen = new Set<Value>();
  for (let index = from; index < nextTo; index++) {
    const item = next[index];
    const place = places.get(item);
    if (seen.has(item)) repeated.add(item);
    seen.add(item);
    if (place !== undefined && Object.is(previous[place], item)) pairs.push([place, index]);
  }
  const sure = pairs.filter(([place]) => !repeated.has(previous[place]));
  const gaps: Gap[] = [];
  let last = { place: from, index: from };
  for (const [place, index] of [...longestRise(sure), [to, nextTo] as const]) {
    if (place > last.place || index > last.index) {
      gaps.push({ from: last.place, to: place, nextFrom: last.index, nextTo: index });
    }
    last = { place: place + 1, index: index + 1 };
  }
  return gaps;
}

/** The most pairs whose first numbers rise, as their second ones do. */
function longestRise(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  /** Of the rises of each length, the pair that one with the smallest end ends with. */
  const ends: number[] = [];
  const before: number[] = [];
  for (const [index, [place]] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[0] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = index;
  }
  const rise: (readonly [number, number])[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair) rise.push(pair);
  }
  return rise.reverse();
}
