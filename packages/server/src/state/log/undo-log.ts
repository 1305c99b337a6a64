import { HoldfastError } from "@holdfast/protocol";
import { FieldWrite } from "./field-write.ts";
import { metaOf } from "../node.ts";
import type { MapNode, SetNode } from "../node.ts";
import type { Disordered, Write } from "./write.ts";

/**
 * What one transaction changed, in order. Backwards it is the undo, forwards the redo, and patches
 * are derived from it.
 */
export class UndoLog {
  readonly writes: Write[] = [];
  readonly #limit: number;
  #count = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Makes a change and remembers it.
   *
   * @throws HoldfastError `TOO_MANY_WRITES`
   */
  run(write: Write): void {
    try {
      if (this.#count++ >= this.#limit) refuseMore(this.#limit);
      const last = this.writes[this.writes.length - 1];
      if (write instanceof FieldWrite && last instanceof FieldWrite && last.isSameField(write)) {
        last.absorb(write);
      } else {
        this.writes.push(write);
        write.redo();
      }
    } catch (cause) {
      // Nothing is called here: the stack may be at its end.
      this.#failure ??= { cause };
      throw cause;
    }
  }

  /**
   * An action that caught the error of a write that failed half-way must not commit what it has.
   *
   * @throws what the write threw.
   */
  assertWhole(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  undo(): void {
    const disordered: Disordered = new Set();
    for (let at = this.writes.length - 1; at >= 0; at--) this.writes[at]?.undo(disordered);
    for (const node of disordered) rebuild(node);
  }

  redo(): void {
    for (const write of this.writes) write.redo();
  }
}

/** Puts the entries of a Map or Set in the order that is remembered for them. */
function rebuild(node: MapNode | SetNode): void {
  const order = metaOf(node)?.order;
  if (order === undefined) return;
  if (node instanceof Map) {
    const entries = new Map(node);
    node.clear();
    // True because the order has the keys of the Map, all of them and no other.
    for (const key of order.keys()) node.set(key, entries.get(key));
  } else {
    node.clear();
    for (const key of order.keys()) node.add(key);
  }
}

function refuseMore(limit: number): never {
  throw new HoldfastError(
    "TOO_MANY_WRITES",
    `The action wrote to its state more than ${limit} times, so it was undone. ` +
      "It may be in an endless loop; otherwise spread the change over several actions, or assign " +
      "whole values instead of changing them piece by piece.",
  );
}
