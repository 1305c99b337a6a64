import type { Primitive, Value } from "@holdfast/protocol";
import type { EntryOrder } from "../entry-order.ts";
import { inOrder } from "../in-order.ts";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import { ABSENT } from "../node.ts";
import type { ArrayNode, MapNode, ObjectNode, SetNode, StateNode } from "../node.ts";
import { orderOf } from "../order-of.ts";
import { spliceItems } from "../splice-items.ts";

const NONE: readonly Write[] = [];

/** What nodes held when the transaction began: their content now, with their writes taken back. */
export class Base {
  readonly #writes = new Map<StateNode, Write[]>();

  constructor(writes: readonly Write[]) {
    for (const write of writes) {
      if (write.node === undefined) continue;
      const own = this.#writes.get(write.node);
      if (own === undefined) this.#writes.set(write.node, [write]);
      else own.push(write);
    }
  }

  /** The nodes that were written to. */
  get nodes(): Iterable<StateNode> {
    return this.#writes.keys();
  }

  writesTo(node: StateNode): readonly Write[] {
    return this.#writes.get(node) ?? NONE;
  }

  fieldsOf(node: ObjectNode): ObjectNode {
    const writes = this.writesTo(node);
    if (writes.length === 0) return node;
    const fields = { ...node };
    for (const write of writes.toReversed()) {
      // True because objects are written to by field only, under string keys.
      const { key, before } = write as FieldWrite & { readonly key: string };
      if (before === ABSENT) delete fields[key];
      else fields[key] = before;
    }
    return fields;
  }

  itemsOf(node: ArrayNode): ArrayNode {
    let items = node;
    for (const write of this.writesTo(node).toReversed()) {
      if (write instanceof OrderWrite) {
        items = [...write.before];
        continue;
      }
      if (items === node) items = node.slice();
      if (write instanceof SpliceWrite) {
        spliceItems(items, write.index, write.inserted.length, write.removed);
      } else if (write instanceof FieldWrite) {
        // True because arrays are written to by index, where a value stands.
        items[write.key as number] = write.before as Value;
      }
    }
    return items;
  }

  /** In order; a member of a Set is its own value. */
  entriesOf(node: MapNode | SetNode): Map<Primitive, Value> {
    const entries = new Map<Primitive, Value>(inOrder(node).entries());
    if (this.writesTo(node).length === 0) return entries;
    const before = new Map<Primitive, Value>();
    for (const [key, value] of this.touchedEntries(node)) {
      if (value !== ABSENT) entries.set(key, value);
    }
    // True because each key of the order had a value: it has it still, or was touched.
    for (const key of this.keysOf(node)) before.set(key, entries.get(key) as Value);
    return before;
  }

  /** The keys in order. */
  keysOf(node: MapNode | SetNode): Primitive[] {
    return this.withOrderOf(node, (order) => [...order.keys()]);
  }

  /** The entries that were written to, with what stood there. */
  touchedEntries(node: MapNode | SetNode): Map<Primitive, Value | typeof ABSENT> {
    const touched = new Map<Primitive, Value | typeof ABSENT>();
    for (const write of this.writesTo(node)) {
      if (write instanceof EntryWrite) {
        if (!touched.has(write.key)) touched.set(write.key, write.before);
      } else if (write instanceof ClearWrite) {
        for (const [key, value] of write.entries) if (!touched.has(key)) touched.set(key, value);
      }
    }
    return touched;
  }

  /** Takes the order of a node back to the beginning for a moment: costs what the writes cost. */
  withOrderOf<T>(node: MapNode | SetNode, look: (order: EntryOrder) => T): T {
    // True because Maps and Sets are written to in these two ways only.
    const writes = this.writesTo(node) as readonly (EntryWrite | ClearWrite)[];
    const order = orderOf(node);
    for (const write of writes.toReversed()) write.restoreOrder();
    const result = look(order);
    for (const write of writes) write.reorder();
    return result;
  }
}
