import type { HoldfastError, Primitive, Value } from "@holdfast/protocol";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import { TouchWrite } from "../log/touch-write.ts";
import type { Write } from "../log/write.ts";
import { metaOf } from "../node.ts";
import type { Absent, StateNode } from "../node.ts";
import type { Commits } from "./commits.ts";
import { sameRead, staleWrite } from "./conflict.ts";
import type { OwnArrays } from "./own-arrays.ts";
import type { NodeReads, PlaceRead, ReadLog, WholeRead } from "./read-log.ts";
import type { Past } from "./successions.ts";
import { valueAt } from "./value-at.ts";

/** What a handler knows, and what others have done meanwhile. */
export interface Knowledge {
  readonly reads: ReadLog;
  readonly arrays: OwnArrays;
  readonly commits: Commits;
  /** What the handler has read that stood where a node stands, before others replaced it. */
  pastsOf(node: StateNode): readonly Past[];
}

/**
 * The lost update through a local variable: a write to a place whose value, as the handler last read
 * it, is no longer the committed one. Asked before the write is made, on a tree that holds the
 * handler's own writes; what it has written itself, it knows.
 */
export function staleWriteProblem(knowledge: Knowledge, write: Write): HoldfastError | undefined {
  if (write instanceof TouchWrite) {
    const { touched, place } = write;
    if (place === undefined)
      return isStaleNode(knowledge, touched) ? staleWrite(touched) : undefined;
    const { key, value } = place;
    return isStalePlace(knowledge, touched, key, value) ? staleWrite(touched, key) : undefined;
  }
  if (write instanceof FieldWrite || write instanceof EntryWrite) {
    const { node, key, before } = write;
    return isStalePlace(knowledge, node, key, before) ? staleWrite(node, key) : undefined;
  }
  if (write instanceof SpliceWrite && isBlind(knowledge, write)) return undefined;
  if (write instanceof SpliceWrite || write instanceof OrderWrite || write instanceof ClearWrite) {
    return isStaleNode(knowledge, write.node) ? staleWrite(write.node) : undefined;
  }
  return undefined;
}

/** Items added behind those of others, or changed there, without having looked at the array before. */
function isBlind(knowledge: Knowledge, { node, index }: SpliceWrite): boolean {
  const { reads, arrays } = knowledge;
  if (index < (arrays.get(node)?.length ?? node.length)) return false;
  if (reads.of(node)?.firstAt !== undefined || copyAbove(knowledge, node)) return false;
  return knowledge.pastsOf(node).length === 0;
}

/** Whether what the handler has read of a node, anywhere in it, is not what it is now. */
export function isStaleNode(knowledge: Knowledge, node: StateNode): boolean {
  const { reads, commits } = knowledge;
  const own = reads.of(node);
  if (own?.items === undefined && knowledge.pastsOf(node).length > 0) return true;
  const copy = copyAbove(knowledge, node);
  if (copy?.isReplaced && !isNewer(own?.items, copy.read)) return true;
  const change = commits.changeOf(node);
  if (change === undefined) return false;
  const items = later(own?.items, copy?.read);
  if (items !== undefined && change.last > items.last) return true;
  if (own === undefined) return false;
  if (own.keys !== undefined && change.structure > own.keys.last) return true;
  if (Array.isArray(node)) {
    const { lastPlace } = own;
    return lastPlace !== undefined && change.last > Math.max(lastPlace, items?.last ?? 0);
  }
  for (const [key, place] of own.places) {
    if (!place.isKnown || change.key(key) <= place.commit || isNewer(items, place)) continue;
    if (!place.isOwn && !sameRead(place.last, valueAt(node, key))) return true;
  }
  return false;
}

function isStalePlace(
  knowledge: Knowledge,
  node: StateNode,
  key: Primitive,
  now: Value | Absent,
): boolean {
  const { reads, commits } = knowledge;
  const own = reads.of(node);
  const copy = copyAbove(knowledge, node);
  const items = later(own?.items, copy?.read);
  const place = own?.places.get(key);
  if (place?.isKnown && !isNewer(items, place) && !sameRead(place.last, now)) return true;
  if (copy?.isReplaced && items === copy.read && isLater(copy.read, place?.at)) return true;
  if (own?.items === undefined && hasStalePast(knowledge, node, { key, now, place })) return true;
  const change = commits.changeOf(node);
  if (change === undefined) return false;
  if (Array.isArray(node)) {
    // True because the keys of an array are indices.
    return isStaleIndex(knowledge, node, key as number, { own, items, place });
  }
  if (items !== undefined && isLater(items, place?.at) && change.key(key) > items.last) return true;
  const keys = own?.keys;
  if (keys === undefined || !isLater(keys, place?.at)) return false;
  return change.structure > keys.last && change.key(key) > keys.last;
}

interface Written {
  readonly key: Primitive;
  readonly now: Value | Absent;
  /** What the handler has read there since. */
  readonly place: PlaceRead | undefined;
}

/** The handler has read the place in a node that others have replaced since. */
function hasStalePast(
  knowledge: Knowledge,
  node: StateNode,
  { key, now, place }: Written,
): boolean {
  const { reads, commits } = knowledge;
  for (const { node: past, holders } of knowledge.pastsOf(node)) {
    const known = reads.of(past);
    const copies = holders.map((holder) => reads.copied.get(holder));
    const whole = copies.reduce(later, known?.items) ?? known?.keys;
    // An index may have been found in the array that is gone.
    if (Array.isArray(node) && whole !== undefined) return true;
    if (place?.isKnown) continue;
    const read = known?.places.get(key);
    if (read?.isKnown) return !sameRead(read.last, now);
    if (whole === undefined) continue;
    const hasChanged = (commits.changeOf(past)?.key(key) ?? 0) > whole.last;
    return hasChanged || !sameRead(valueAt(past, key), now);
  }
  return false;
}

interface Known {
  readonly own: NodeReads | undefined;
  readonly items: WholeRead | undefined;
  readonly place: PlaceRead | undefined;
}

/** An index may have been found by looking through the array, or by asking for its length. */
function isStaleIndex(
  { arrays, commits }: Knowledge,
  node: StateNode,
  index: number,
  { own, items, place }: Known,
): boolean {
  const change = commits.changeOf(node);
  if (change === undefined) return false;
  // The indices of own items at the end move when others add some too.
  const isFirm = index < (arrays.get(node)?.least ?? Number.POSITIVE_INFINITY);
  const moved = isFirm ? change.shift : change.structure;
  if (own?.keys !== undefined && moved > own.keys.last) return true;
  if (items === undefined) return false;
  return moved > items.last || (isLater(items, place?.at) && change.items > items.last);
}

export interface Copy {
  readonly read: WholeRead;
  /** The node, or what holds it, has come since in the place of another one, which was copied. */
  readonly isReplaced: boolean;
}

/** The last time that a node was read as part of a copy of it, or of what holds it. */
export function copyAbove(
  { reads: { copied }, commits }: Knowledge,
  node: StateNode,
): Copy | undefined {
  if (copied.size === 0) return undefined;
  let found: Copy | undefined;
  let replaced = 0;
  for (let at: StateNode | undefined = node; at !== undefined; at = metaOf(at)?.parent) {
    const read = copied.get(at);
    if (read !== undefined && (found === undefined || read.at > found.read.at)) {
      found = { read, isReplaced: replaced > read.last };
    }
    replaced = Math.max(replaced, commits.successions.commitOf(at));
  }
  return found;
}

function later(one: WholeRead | undefined, other: WholeRead | undefined): WholeRead | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.at > other.at ? one : other;
}

function isNewer(whole: WholeRead | undefined, place: { readonly at: number }): boolean {
  return whole !== undefined && whole.at > place.at;
}

function isLater(whole: WholeRead, placeAt: number | undefined): boolean {
  return placeAt === undefined || whole.at > placeAt;
}
