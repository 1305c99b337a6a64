import type { Primitive, Value } from "@holdfast/protocol";
import { ABSENT } from "../node.ts";
import type { Absent, MapNode, SetNode } from "../node.ts";
import { inOrder } from "../in-order.ts";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import type { Comparer } from "./comparer.ts";
import { sizeOf } from "./size-of.ts";

/** What became of the keys of a Map, or of the members of a Set. */
interface KeyChanges {
  /** No longer there. */
  readonly removed: readonly Primitive[];
  /** There before and now, in an unchanged order among all that stay. */
  readonly kept: readonly Primitive[];
  /** There before and now, but further to the end than their order was. */
  readonly moved: ReadonlySet<Primitive>;
  /** `moved` and new ones, in order: they stand behind all others. */
  readonly added: readonly Primitive[];
}

/** The patches of a Map or Set from its own writes. Returns the keys whose values they speak of. */
export function writtenEntryPatches(
  comparer: Comparer,
  node: MapNode | SetNode,
): ReadonlyMap<Primitive, Value | Absent> {
  const touched = comparer.base.touchedEntries(node);
  const changes = writtenKeys(comparer, node, touched);
  if (node instanceof Map) {
    const keysBefore = (): Primitive[] => comparer.base.keysOf(node);
    emitEntries(comparer, touched, node, changes, keysBefore);
  } else emitMembers(comparer, changes);
  return touched;
}

/** The patches that turn the entries of one Map or Set into those of another of its kind. */
export function comparedEntryPatches(
  comparer: Comparer,
  before: ReadonlyMap<Primitive, Value>,
  after: MapNode | SetNode,
): void {
  const changes = comparedKeys([...before.keys()], [...inOrder(after).keys()]);
  if (after instanceof Map) emitEntries(comparer, before, after, changes, () => [...before.keys()]);
  else emitMembers(comparer, changes);
}

function emitMembers({ list }: Comparer, { removed, moved, added }: KeyChanges): void {
  if (removed.length > 0 || added.length > 0) list.members([...removed, ...moved], added);
}

function emitEntries(
  comparer: Comparer,
  before: ReadonlyMap<Primitive, Value | Absent>,
  after: MapNode,
  { removed, kept, moved, added }: KeyChanges,
  keysBefore: () => readonly Primitive[],
): void {
  const { list } = comparer;
  const compare = (key: Primitive): void => {
    // True because kept and moved keys were there before.
    list.within(key, () => comparer.compare(before.get(key) as Value | Absent, after.get(key)));
  };
  const add = (key: Primitive): void => list.within(key, () => list.add(after.get(key)));
  const remove = (key: Primitive): void => list.within(key, () => list.remove());
  for (const key of removed) remove(key);
  for (const key of kept) compare(key);
  if (moved.size > 0 && costsLessToOrder(after, moved)) {
    const fresh = added.filter((key) => !moved.has(key));
    for (const key of moved) compare(key);
    for (const key of fresh) add(key);
    const keys = [...keysBefore().filter((key) => after.has(key)), ...fresh];
    const places = new Map(keys.map((key, place) => [key, place]));
    // True because every key is one of those that stayed or were added.
    list.order(Array.from(inOrder(after).keys(), (key) => places.get(key) as number));
  } else {
    for (const key of moved) remove(key);
    for (const key of added) add(key);
  }
}

/** Bytes that an index takes in a permutation of so many. */
function costsLessToOrder(after: MapNode, moved: ReadonlySet<Primitive>): boolean {
  const order = after.size * (String(after.size).length + 1);
  let again = 0;
  for (const key of moved) {
    again += REMOVE_AND_ADD + 2 * sizeOf(key) + sizeOf(after.get(key), order);
    if (again > order) return true;
  }
  return false;
}

/** About what `remove` and `add` cost beyond the key and the value. */
const REMOVE_AND_ADD = 30;

function writtenKeys(
  comparer: Comparer,
  node: MapNode | SetNode,
  touched: ReadonlyMap<Primitive, Value | Absent>,
): KeyChanges {
  /** The keys that were added at the end, in the order that they have there. */
  const last = new Set<Primitive>();
  for (const write of comparer.base.writesTo(node)) {
    if (write instanceof ClearWrite) last.clear();
    else if (write instanceof EntryWrite) {
      if (write.after === ABSENT) last.delete(write.key);
      else if (write.before === ABSENT) last.add(write.key);
    }
  }
  const known = (key: Primitive): boolean => touched.get(key) !== ABSENT;
  const inPlace = [...last].some(known) ? stillInPlace(comparer, node, last) : new Set<Primitive>();
  const added = [...last].filter((key) => !inPlace.has(key));
  const keys = [...touched.keys()];
  return {
    removed: keys.filter((key) => known(key) && !node.has(key)),
    kept: keys.filter((key) => node.has(key) && (!last.has(key) || inPlace.has(key))),
    moved: new Set(added.filter(known)),
    added,
  };
}

/**
 * Entries that were deleted and added again and stand where they stood: those that were last
 * before, none of those that stay behind them, in the order that they have now.
 */
function stillInPlace(
  { base }: Comparer,
  node: MapNode | SetNode,
  last: ReadonlySet<Primitive>,
): Set<Primitive> {
  const backward: Primitive[] = [];
  base.withOrderOf(node, (order) => {
    for (const key of order.keysBackward()) {
      if (node.has(key) && !last.has(key)) break;
      backward.push(key);
    }
  });
  const places = new Map(backward.reverse().map((key, place) => [key, place]));
  const inPlace = new Set<Primitive>();
  let place = -1;
  for (const key of last) {
    const next = places.get(key) ?? -1;
    if (next <= place) break;
    inPlace.add(key);
    place = next;
  }
  return inPlace;
}

/** Whatever is behind the first key that is new or out of order has to be added again. */
function comparedKeys(before: readonly Primitive[], after: readonly Primitive[]): KeyChanges {
  const places = new Map(before.map((key, place) => [key, place]));
  const remaining = new Set(after);
  let kept = 0;
  let place = -1;
  for (const key of after) {
    const next = places.get(key) ?? -1;
    if (next <= place) break;
    kept++;
    place = next;
  }
  const added = after.slice(kept);
  return {
    removed: before.filter((key) => !remaining.has(key)),
    kept: after.slice(0, kept),
    moved: new Set(added.filter((key) => places.has(key))),
    added,
  };
}
