import type { Primitive } from "@holdfast/protocol";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import type { Write } from "../log/write.ts";
import { ABSENT } from "../node.ts";
import type { ArrayNode, StateNode } from "../node.ts";
import { effectOn } from "./array-effect.ts";

/** When commits last changed a node: each field is the number of the latest one that did. */
export class Change {
  /** Anything of it. */
  last = 0;
  /** Which keys it has; the length or the order of an array. */
  structure = 0;
  /** The index of items that an array had before: anything but items added at its end. */
  shift = 0;
  /** The last item that an array had before was removed or moved. */
  end = 0;
  /** An item was assigned. */
  items = 0;
  readonly #keys = new Map<Primitive, number>();

  /** A field of an object, an entry of a Map, a member of a Set. */
  key(key: Primitive): number {
    return this.#keys.get(key) ?? 0;
  }

  setKey(key: Primitive, number: number): void {
    this.#keys.set(key, number);
  }
}

/** Adds what the writes of one commit did to `changes`. Returns the nodes that they wrote to. */
export function summarize(
  writes: readonly Write[],
  number: number,
  changes: Map<StateNode, Change>,
): StateNode[] {
  const nodes: StateNode[] = [];
  let arrays: Map<ArrayNode, Write[]> | undefined;
  for (const write of writes) {
    const { node } = write;
    if (node === undefined) continue;
    let change = changes.get(node);
    if (change === undefined) changes.set(node, (change = new Change()));
    if (change.last !== number) nodes.push(node);
    change.last = number;
    if (!Array.isArray(node)) {
      addWrite(change, write, number);
      continue;
    }
    const own = (arrays ??= new Map<ArrayNode, Write[]>()).get(node);
    if (own === undefined) arrays.set(node, [write]);
    else own.push(write);
  }
  for (const [node, own] of arrays ?? []) {
    const change = changes.get(node);
    if (change !== undefined) addEffect(change, node, own, number);
  }
  return nodes;
}

function addWrite(change: Change, write: Write, number: number): void {
  if (write instanceof FieldWrite || write instanceof EntryWrite) {
    change.setKey(write.key, number);
    if ((write.before === ABSENT) !== (write.after === ABSENT)) change.structure = number;
  } else if (write instanceof ClearWrite) {
    for (const [key] of write.entries) change.setKey(key, number);
    change.structure = number;
  }
}

function addEffect(
  change: Change,
  node: ArrayNode,
  writes: readonly Write[],
  number: number,
): void {
  const { resizes, shifts, touchesEnd, assigns } = effectOn(node, writes);
  if (resizes) change.structure = number;
  if (shifts) change.shift = number;
  if (touchesEnd) change.end = number;
  if (assigns) change.items = number;
}
