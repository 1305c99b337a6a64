import type { HoldfastError, Primitive } from "@holdfast/protocol";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import type { Move } from "../log/move-write.ts";
import { MoveWrite } from "../log/move-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import { TouchWrite } from "../log/touch-write.ts";
import type { Write } from "../log/write.ts";
import { isNode, isWithin, metaOf } from "../node.ts";
import type { ArrayNode, StateNode } from "../node.ts";
import { overwritten, sameRead } from "./conflict.ts";
import type { Standing } from "./standing.ts";
import { valueAt } from "./value-at.ts";
import { copyAbove } from "./write-check.ts";
import type { Knowledge } from "./write-check.ts";

/**
 * Makes the writes of a transaction fit a tree that others have changed since they were made. Where
 * that is not possible, they have changed a place that it wrote to.
 */
export class Replay {
  readonly #knowledge: Knowledge;
  /** The last commit that the writes were made on. */
  readonly #since: number;
  /** How far items at the end of an array have moved. */
  readonly #offsets = new Map<StateNode, number>();

  constructor(knowledge: Knowledge, since: number) {
    this.#knowledge = knowledge;
    this.#since = since;
  }

  /** The write as it is to be made now, or what speaks against it. The tree holds those before it. */
  adapt(write: Write): Write | HoldfastError {
    if (write instanceof TouchWrite) {
      const { touched, place } = write;
      if (place === undefined) return this.#hasChanged(touched) ? overwritten(touched) : write;
      const isSame = sameRead(valueAt(touched, place.key), place.value);
      return isSame ? write : overwritten(touched, place.key);
    }
    if (write instanceof MoveWrite) {
      const lost = write.moves.find((move) => !isAtHome(move) || endsInItself(move));
      return lost === undefined ? write : overwritten(lost.node);
    }
    const { node } = write;
    if (node === undefined) return write;
    if (putIn(write).some((put) => isWithin(node, put))) return overwritten(node);
    if (Array.isArray(node)) return this.#adaptToArray(write, node);
    if (write instanceof ClearWrite) return this.#hasChanged(node) ? overwritten(node) : write;
    if (write instanceof FieldWrite || write instanceof EntryWrite) return adaptToPlace(write);
    return write;
  }

  #adaptToArray(write: Write, node: ArrayNode): Write | HoldfastError {
    if (!this.#hasChanged(node)) return write;
    const { arrays } = this.#knowledge;
    const own = arrays.get(node);
    const offset = own === undefined ? 0 : this.#offsetOf(node, own.length);
    if (offset === undefined) return overwritten(node);
    if (write instanceof SpliceWrite) {
      if (offset === 0) return write;
      return new SpliceWrite(node, write.index + offset, write.removed, write.inserted);
    }
    // True because a sorted array is no mere tail, and the index of an item is a number.
    const { key, before, after } = write as FieldWrite & { readonly key: number };
    if (own !== undefined && key >= own.length) {
      return offset === 0 ? write : new FieldWrite(node, key + offset, before, after);
    }
    const { shift } = this.#knowledge.commits.changeOf(node) ?? { shift: 0 };
    const isMoved = shift > this.#since;
    return isMoved
      ? overwritten(node, key)
      : adaptToPlace(new FieldWrite(node, key, before, after));
  }

  /** `undefined` where others' changes of the array meet own ones. */
  #offsetOf(node: ArrayNode, length: number): number | undefined {
    let offset = this.#offsets.get(node);
    if (offset === undefined) {
      const { arrays, commits, reads } = this.#knowledge;
      const own = arrays.get(node);
      const change = commits.changeOf(node);
      if (own === undefined || change === undefined || !own.isTail) return undefined;
      const copiedAt = copyAbove(this.#knowledge, node)?.read.at ?? own.at;
      const isBlind = own.at <= Math.min(reads.of(node)?.firstAt ?? own.at, copiedAt);
      if (!isBlind || change.end > this.#since) return undefined;
      offset = node.length - length;
      this.#offsets.set(node, offset);
    }
    return offset;
  }

  /** All writes are made: remembers where the own items of arrays are from now on. */
  settle(): void {
    const { arrays } = this.#knowledge;
    for (const [node, offset] of this.#offsets) {
      arrays.resize(node, (arrays.get(node)?.length ?? 0) + offset);
    }
  }

  #hasChanged(node: StateNode): boolean {
    return (this.#knowledge.commits.changeOf(node)?.last ?? 0) > this.#since;
  }
}

/**
 * What can still be shown of the writes of a transaction that has lost: it goes on until its commit,
 * and sees what it has written to single places. Nothing of it is ever committed.
 */
export function salvage(write: Write, standing: Standing): Write | undefined {
  if (write instanceof FieldWrite && !Array.isArray(write.node)) {
    // True because objects have string keys.
    const { node, key, after } = write as FieldWrite & { readonly key: string };
    if (!standing.isInTree(node) || isTaken(after)) return undefined;
    return new FieldWrite(node, key, valueAt(node, key), after);
  }
  if (write instanceof EntryWrite && standing.isInTree(write.node) && !isTaken(write.after)) {
    return new EntryWrite(write.node, write.key, valueAt(write.node, write.key), write.after);
  }
  return undefined;
}

/** The node that is moved still stands where it was; in an array, the index is found anew. */
function isAtHome({ node, fromParent: parent, fromKey: key }: Move): boolean {
  const meta = metaOf(node);
  if (meta === undefined || meta.parent !== parent) return false;
  return parent === undefined || Array.isArray(parent) || meta.key === key;
}

/** Others have moved what it was moved into, and that is in the node now. */
function endsInItself({ node, toParent }: Move): boolean {
  return toParent !== undefined && isWithin(toParent, node);
}

/** The nodes that a write puts where it writes. */
function putIn(write: Write): readonly StateNode[] {
  if (write instanceof SpliceWrite) return write.inserted.filter(isNode);
  if (!(write instanceof FieldWrite || write instanceof EntryWrite)) return NONE;
  return isNode(write.after) && write.after !== write.before ? [write.after] : NONE;
}

const NONE: readonly StateNode[] = [];

/** A node that stands somewhere else, or may. */
function isTaken(value: EntryWrite["after"]): boolean {
  return isNode(value) && metaOf(value)?.parent !== undefined;
}

function adaptToPlace(write: FieldWrite | EntryWrite): Write | HoldfastError {
  const { node, key, before, after } = write;
  const now = valueAt(node, key as Primitive);
  if (!sameRead(now, before)) return overwritten(node, key);
  if (Object.is(now, before)) return write;
  return write instanceof FieldWrite
    ? new FieldWrite(write.node, write.key, now, after)
    : new EntryWrite(write.node, write.key, now, after);
}
