import type { Value } from "@holdfast/protocol";
import { isNode } from "../node.ts";
import type { ArrayNode, StateNode } from "../node.ts";
import { alignItems } from "./align-items.ts";
import type { Reordered } from "./align-items.ts";
import { arrayGaps } from "./array-gaps.ts";
import type { Gap } from "./array-gaps.ts";
import type { Comparer } from "./comparer.ts";
import type { Draft } from "./patch-list.ts";

/** The items of an array that need nothing more: they are in the patches, or equal what was. */
export type Handled = Set<StateNode>;

interface Attempt {
  readonly draft: Draft;
  readonly handled: Handled;
}

/** Least bytes that one index takes in a permutation. */
const INDEX = 2;

/** The patches of an array from its own writes. */
export function writtenArrayPatches(comparer: Comparer, node: ArrayNode): Handled {
  const gaps = arrayGaps(node, comparer.base.writesTo(node));
  if (gaps === undefined) return comparedArrayPatches(comparer, comparer.base.itemsOf(node), node);
  const unchanged: Handled = new Set();
  if (isUnchanged(comparer, node, gaps, unchanged)) return unchanged;
  let best = attempt(comparer, (handled) => emitGaps(comparer, gaps, handled));
  // An item that left one gap and came back in another was moved: an order may be shorter.
  if (movesItems(gaps) && node.length * INDEX < best.draft.cost) {
    best = cheaper(best, comparison(comparer, comparer.base.itemsOf(node), node));
  }
  return accept(comparer, best);
}

/** The patches that turn the items of one array into those of another. */
export function comparedArrayPatches(
  comparer: Comparer,
  before: ArrayNode,
  after: ArrayNode,
): Handled {
  return accept(comparer, comparison(comparer, before, after));
}

function comparison(comparer: Comparer, before: ArrayNode, after: ArrayNode): Attempt {
  const equal: Handled = new Set();
  const { gaps, reordered } = alignItems(before, after, (one, other) => {
    const isSame = comparer.isSame(one, other);
    if (isSame && one !== other && isNode(other)) equal.add(other);
    return isSame;
  });
  let best: Attempt | undefined;
  if (reordered !== undefined) {
    best = attempt(comparer, (handled) => emitReordered(comparer, reordered, handled));
  }
  const inserted = gaps.reduce((count, gap) => count + gap.inserted.length, 0);
  if (best === undefined || inserted * INDEX < best.draft.cost) {
    const direct = attempt(comparer, (handled) => emitGaps(comparer, gaps, handled));
    best = best === undefined ? direct : cheaper(best, direct);
  }
  for (const node of equal) best.handled.add(node);
  return best;
}

function emitGaps(comparer: Comparer, gaps: readonly Gap[], handled: Handled): void {
  for (const gap of gaps) emitGap(comparer, trim(comparer, gap, handled), handled);
}

function emitGap(comparer: Comparer, gap: Gap, handled: Handled): void {
  const { index, removed, inserted } = gap;
  const { list } = comparer;
  if (removed.length === 0 && inserted.length === 0) return;
  for (const item of inserted) if (isNode(item)) handled.add(item);
  if (removed.length !== inserted.length) {
    if (removed.length === 0 && inserted.length === 1)
      list.within(index, () => list.add(inserted[0]));
    else if (removed.length === 1 && inserted.length === 0) {
      list.within(index, () => list.remove());
    } else list.splice(index, removed.length, inserted);
    return;
  }
  const mark = list.mark();
  for (const [offset, item] of inserted.entries()) {
    list.within(index + offset, () => comparer.compare(removed[offset], item));
  }
  const oneByOne = list.cut(mark);
  if (oneByOne.patches.length > 1) {
    list.splice(index, removed.length, inserted);
    if (list.costSince(mark) < oneByOne.cost) return;
    list.cut(mark);
  }
  list.paste(oneByOne);
}

function emitReordered(comparer: Comparer, reordered: Reordered, handled: Handled): void {
  const { list } = comparer;
  for (const { index, count } of reordered.removals) {
    if (count === 1) list.within(index, () => list.remove());
    else list.splice(index, count, []);
  }
  list.order(reordered.permutation);
  for (const gap of reordered.insertions) emitGap(comparer, gap, handled);
}

/** The gap without what is the same at its ends. */
function trim(comparer: Comparer, gap: Gap, handled: Handled): Gap {
  const { removed, inserted } = gap;
  const most = Math.min(removed.length, inserted.length);
  const isSame = (one: Value, other: Value): boolean => {
    if (!comparer.isSame(one, other)) return false;
    if (one !== other && isNode(other)) handled.add(other);
    return true;
  };
  let start = 0;
  while (start < most && isSame(removed[start], inserted[start])) start++;
  let tail = 0;
  while (tail < most - start && isSame(removed.at(-1 - tail), inserted.at(-1 - tail))) tail++;
  return {
    index: gap.index + start,
    removed: removed.slice(start, removed.length - tail),
    inserted: inserted.slice(start, inserted.length - tail),
  };
}

/**
 * Gaps may cancel out over what lies between them: `[1, 1]` without its first item and with a 1
 * behind it. Mostly seen to be otherwise at the first item.
 */
function isUnchanged(
  comparer: Comparer,
  node: ArrayNode,
  gaps: readonly Gap[],
  handled: Handled,
): boolean {
  const grown = gaps.reduce((sum, gap) => sum + gap.inserted.length - gap.removed.length, 0);
  if (grown !== 0) return false;
  let index = gaps[0]?.index ?? 0;
  for (const item of itemsBefore(node, gaps)) {
    const now = node[index++];
    if (!comparer.isSame(item, now)) return false;
    if (item !== now && isNode(now)) handled.add(now);
  }
  return true;
}

/** What stood from the first gap to the last one. */
function* itemsBefore(node: ArrayNode, gaps: readonly Gap[]): Generator<Value, void, undefined> {
  for (const [at, gap] of gaps.entries()) {
    yield* gap.removed;
    const next = gaps[at + 1];
    if (next === undefined) return;
    for (let index = gap.index + gap.inserted.length; index < next.index; index++)
      yield node[index];
  }
}

function movesItems(gaps: readonly Gap[]): boolean {
  if (gaps.length < 2 && gaps[0]?.removed.length === 0) return false;
  const removed = new Set(gaps.flatMap((gap) => gap.removed.filter(isNode)));
  return gaps.some((gap) => gap.inserted.some((item) => isNode(item) && removed.has(item)));
}

function attempt(comparer: Comparer, emit: (handled: Handled) => void): Attempt {
  const handled: Handled = new Set();
  const mark = comparer.list.mark();
  emit(handled);
  return { draft: comparer.list.cut(mark), handled };
}

function cheaper(one: Attempt, other: Attempt): Attempt {
  return other.draft.cost < one.draft.cost ? other : one;
}

function accept(comparer: Comparer, { draft, handled }: Attempt): Handled {
  comparer.list.paste(draft);
  return handled;
}
