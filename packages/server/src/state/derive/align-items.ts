import type { Value } from "@holdfast/protocol";
import type { Gap } from "./array-gaps.ts";

/** What became of the items of a list. */
export interface Alignment {
  /** The changes, where items that changed their order are removed and inserted again. */
  readonly gaps: readonly Gap[];
  /** The same changes with the order apart; `undefined` where all kept items are still in order. */
  readonly reordered: Reordered | undefined;
}

/** First removals, then a permutation of all that is left, then insertions. */
export interface Reordered {
  /** Indices are of the list as the removals before have left it. */
  readonly removals: readonly { readonly index: number; readonly count: number }[];
  readonly permutation: readonly number[];
  readonly insertions: readonly Gap[];
}

/** Finds the items of `before` again in `after`: nodes by identity, anything else by `isSame`. */
export function alignItems(
  before: readonly Value[],
  after: readonly Value[],
  isSame: (one: Value, other: Value) => boolean,
): Alignment {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && isSame(before[start], after[start])) start++;
  let tail = 0;
  while (tail < most - start && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  const ends = { start, tail };
  const sources = findSources(before, after, ends);
  const kept = longestIncreasing(sources);
  const isOrdered = kept.every((source, at) => source === sources[at]);
  return {
    gaps: gapsBetween(before, after, ends, kept),
    reordered: isOrdered ? undefined : reorder(before, after, ends, sources),
  };
}

/** How many items at either end are the same. */
interface Ends {
  readonly start: number;
  readonly tail: number;
}

/** For each item of `after` between the ends, its index in `before`; -1 for a new one. */
function findSources(before: readonly Value[], after: readonly Value[], ends: Ends): number[] {
  return findRemaining(before, after, ends) ?? findAnywhere(before, after, ends);
}

/** Where items were only removed, as by `filter`, one pass finds the others. */
function findRemaining(
  before: readonly Value[],
  after: readonly Value[],
  { start, tail }: Ends,
): number[] | undefined {
  const sources: number[] = [];
  let from = start;
  for (let at = start; at < after.length - tail; at++) {
    while (from < before.length - tail && !Object.is(before[from], after[at])) from++;
    if (from === before.length - tail) return undefined;
    sources.push(from++);
  }
  return sources;
}

function findAnywhere(before: readonly Value[], after: readonly Value[], ends: Ends): number[] {
  const places = new Map<Value, number[]>();
  for (let at = before.length - ends.tail - 1; at >= ends.start; at--) {
    const item = before[at];
    const known = places.get(item);
    if (known === undefined) places.set(item, [at]);
    else known.push(at);
  }
  return after.slice(ends.start, after.length - ends.tail).map((item) => {
    const source = places.get(item)?.pop() ?? -1;
    // A Map finds 0 for -0.
    return source >= 0 && Object.is(before[source], item) ? source : -1;
  });
}

/** The same sources with -1 for those that are not part of the longest run in order. */
function longestIncreasing(sources: readonly number[]): number[] {
  /** The position of the smallest end of a run of each length, and what each end follows. */
  const ends: number[] = [];
  const previous: number[] = [];
  const sourceAt = (position: number | undefined): number => sources[position ?? -1] ?? -1;
  for (const [position, source] of sources.entries()) {
    if (source < 0) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sourceAt(ends[middle]) < source) low = middle + 1;
      else high = middle;
    }
    previous[position] = ends[low - 1] ?? -1;
    ends[low] = position;
  }
  const kept = sources.map(() => -1);
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) kept[at] = sourceAt(at);
  return kept;
}

function gapsBetween(
  before: readonly Value[],
  after: readonly Value[],
  { start, tail }: Ends,
  kept: readonly number[],
): Gap[] {
  const gaps: Gap[] = [];
  let from = start;
  let index = start;
  for (let at = start; at <= after.length - tail; at++) {
    const source = at === after.length - tail ? before.length - tail : (kept[at - start] ?? -1);
    if (source < 0) continue;
    if (source > from || at > index) {
      gaps.push({ index, removed: before.slice(from, source), inserted: after.slice(index, at) });
    }
    from = source + 1;
    index = at + 1;
  }
  return gaps;
}

function reorder(
  before: readonly Value[],
  after: readonly Value[],
  { start, tail }: Ends,
  sources: readonly number[],
): Reordered {
  const found = new Set(sources);
  const removals: { index: number; count: number }[] = [];
  /** Where each found item stands once the others are removed. */
  const places = new Map<number, number>();
  for (let at = start; at < before.length - tail; at++) {
    const place = start + places.size;
    const last = removals.at(-1);
    if (found.has(at)) places.set(at, place);
    else if (last?.index === place) last.count++;
    else removals.push({ index: place, count: 1 });
  }
  const size = start + places.size + tail;
  const moved = sources.flatMap((source) => (source < 0 ? [] : [places.get(source) ?? 0]));
  const permutation = Array.from({ length: size }, (_, at) => moved[at - start] ?? at);
  const insertions: Gap[] = [];
  for (const [at, source] of sources.entries()) {
    if (source >= 0) continue;
    const index = start + at;
    const last = insertions.at(-1);
    if (last !== undefined && last.index + last.inserted.length === index) {
      insertions[insertions.length - 1] = { ...last, inserted: after.slice(last.index, index + 1) };
    } else insertions.push({ index, removed: [], inserted: after.slice(index, index + 1) });
  }
  return { removals, permutation, insertions };
}
