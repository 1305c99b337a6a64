import type { HoldfastError, Primitive, Value } from "@holdfast/protocol";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import { TouchWrite } from "../log/touch-write.ts";
import type { Write } from "../log/write.ts";
import { ABSENT, metaOf } from "../node.ts";
import type { Absent, StateNode } from "../node.ts";
import type { Commits } from "./commits.ts";
import { sameRead, staleWrite } from "./conflict.ts";
import type { OwnArrays } from "./own-arrays.ts";
import type { NodeReads, ReadLog, WholeRead } from "./read-log.ts";

/** What a handler knows, and what others have done meanwhile. */
export interface Knowledge {
  readonly reads: ReadLog;
  readonly arrays: OwnArrays;
  readonly commits: Commits;
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
function isBlind({ reads, arrays }: Knowledge, { node, index }: SpliceWrite): boolean {
  const length = arrays.get(node)?.length ?? node.length;
  return index >= length && reads.of(node)?.firstAt === undefined;
}

/** Whether what the handler has read of a node, anywhere in it, is not what it is now. */
export function isStaleNode({ reads, commits }: Knowledge, node: StateNode): boolean {
  const own = reads.of(node);
  const change = commits.changeOf(node);
  if (change === undefined) return false;
  const items = later(own?.items, copiedAbove(reads, node));
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
  const items = later(own?.items, copiedAbove(reads, node));
  const place = own?.places.get(key);
  if (place?.isKnown && !isNewer(items, place) && !sameRead(place.last, now)) return true;
  const change = commits.changeOf(node);
  if (change === undefined) return false;
  if (Array.isArray(node)) return isStaleIndex(knowledge, node, own, items, place?.at);
  if (items !== undefined && isLater(items, place?.at) && change.key(key) > items.last) return true;
  const keys = own?.keys;
  if (keys === undefined || !isLater(keys, place?.at)) return false;
  return change.structure > keys.last && change.key(key) > keys.last;
}

/** An index may have been found by looking through the array, or by asking for its length. */
function isStaleIndex(
  { arrays, commits }: Knowledge,
  node: StateNode,
  own: NodeReads | undefined,
  items: WholeRead | undefined,
  placeAt: number | undefined,
): boolean {
  const change = commits.changeOf(node);
  if (change === undefined) return false;
  // Who has added items at the end has seen indices there: they move when others add some too.
  const moved = arrays.get(node) === undefined ? change.shift : change.structure;
  if (own?.keys !== undefined && moved > own.keys.last) return true;
  if (items === undefined) return false;
  return moved > items.last || (isLater(items, placeAt) && change.items > items.last);
}

/** The last time that a node was read as part of a copy of it, or of what holds it. */
function copiedAbove(reads: ReadLog, node: StateNode): WholeRead | undefined {
  const { copied } = reads;
  if (copied.size === 0) return undefined;
  let found: WholeRead | undefined;
  for (let at: StateNode | undefined = node; at !== undefined; at = metaOf(at)?.parent) {
    found = later(found, copied.get(at));
  }
  return found;
}

export function valueAt(node: StateNode, key: Primitive): Value | Absent {
  if (node instanceof Map) return node.has(key) ? node.get(key) : ABSENT;
  if (node instanceof Set) return node.has(key) ? key : ABSENT;
  // True because keys of objects are strings, and those of arrays indices.
  const field = key as string;
  return Object.hasOwn(node, field) ? (node as Record<string, Value>)[field] : ABSENT;
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
