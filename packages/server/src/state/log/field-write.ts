import type { Value } from "@holdfast/protocol";
import { ABSENT, attach, detach } from "../node.ts";
import type { Absent, ArrayNode, ObjectNode } from "../node.ts";
import type { Write } from "./write.ts";

/** A key of an object set or deleted, or an existing item of an array set. */
export class FieldWrite implements Write {
  readonly node: ObjectNode | ArrayNode;
  readonly key: string | number;
  readonly before: Value | Absent;
  #after: Value | Absent;

  constructor(
    node: ObjectNode | ArrayNode,
    key: string | number,
    before: Value | Absent,
    after: Value | Absent,
  ) {
    this.node = node;
    this.key = key;
    this.before = before;
    this.#after = after;
  }

  get after(): Value | Absent {
    return this.#after;
  }

  redo(): void {
    this.#put(this.before, this.#after);
  }

  undo(): void {
    this.#put(this.#after, this.before);
  }

  /** Whether `next` is of the same field, and what it replaces goes without leaving anything behind. */
  absorbs(next: FieldWrite): boolean {
    if (next.node !== this.node || next.key !== this.key) return false;
    // A node may have been moved here: made again without this write, it would take itself for in
    // the tree.
    return typeof this.#after !== "object";
  }

  /** Takes over a write that follows on the same field: a loop that counts needs one record. */
  absorb(next: FieldWrite): void {
    next.redo();
    this.#after = next.#after;
  }

  #put(old: Value | Absent, value: Value | Absent): void {
    // True because an array's keys are indices: the same code serves both.
    const node = this.node as ObjectNode;
    if (typeof old === "object") detach(old, node);
    if (value === ABSENT) delete node[this.key];
    else node[this.key] = value;
    if (typeof value === "object") attach(value, node, this.key);
  }
}
