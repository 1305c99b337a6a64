import type { Primitive, Value } from "@holdfast/protocol";
import { copyAtom, sameAtom } from "./atom.ts";
import type { AtomObject } from "./atom.ts";
import { EntryWrite } from "./log/entry-write.ts";
import { FieldWrite } from "./log/field-write.ts";
import type { Write } from "./log/write.ts";
import type { StateNode } from "./node.ts";

interface Loan {
  readonly copy: AtomObject;
  /** Where the original was read; an index is only where to look first. */
  readonly node: StateNode | undefined;
  readonly key: Primitive;
}

/** Where an original was read and no longer stands. */
export interface LoanPlace {
  readonly node: StateNode;
  readonly key: Primitive;
}

/** Called where an original is gone; gives what stands there instead, if that is as good. */
export type Missed = (place: LoanPlace, original: AtomObject) => AtomObject | undefined;

/**
 * The copies of Dates, URLs and typed arrays that an action holds. The same original is handed out
 * as the same copy, and what the action does to a copy is written back when the action ends.
 */
export class Loans {
  readonly #loans = new Map<AtomObject, Loan>();
  readonly #originals = new Map<unknown, AtomObject>();

  get isEmpty(): boolean {
    return this.#loans.size === 0;
  }

  lend(original: AtomObject, node: StateNode | undefined, key: Primitive): AtomObject {
    const loan = this.#loans.get(original);
    if (loan !== undefined) return loan.copy;
    const copy = copyAtom(original);
    this.#add(original, { copy, node, key });
    return copy;
  }

  /** The original of a copy, and anything else as it is. */
  originalOf(value: unknown): unknown {
    return this.#originals.get(value) ?? value;
  }

  /** What the action sees of an original: the copy, if it has one. */
  current(original: AtomObject): AtomObject {
    return this.#loans.get(original)?.copy ?? original;
  }

  /** Writes back each copy that has changed, where its original still stands. */
  settle(run: (write: Write) => void, missed?: Missed): void {
    for (const [original, loan] of this.#loans) {
      if (sameAtom(original, loan.copy)) continue;
      const after = copyAtom(loan.copy);
      let write = writeBack(original, after, loan);
      if (write === undefined && missed !== undefined && loan.node !== undefined) {
        const now = missed({ node: loan.node, key: loan.key }, original);
        if (now !== undefined) write = writeBack(now, after, loan);
      }
      if (write === undefined) continue;
      run(write);
      this.#loans.delete(original);
      this.#add(after, loan);
    }
  }

  /** Gives up the copies of originals that no longer stand where they were read. */
  forget(isOver: (place: LoanPlace) => boolean): void {
    for (const [original, loan] of this.#loans) {
      const { copy, node, key } = loan;
      if (node === undefined || writeBack(original, copy, loan) !== undefined) continue;
      if (!isOver({ node, key })) continue;
      this.#loans.delete(original);
      this.#originals.delete(copy);
    }
  }

  #add(original: AtomObject, loan: Loan): void {
    this.#loans.set(original, loan);
    this.#originals.set(loan.copy, original);
  }
}

/** `undefined` where the original was removed or overwritten meanwhile. */
function writeBack(original: AtomObject, after: Value, { node, key }: Loan): Write | undefined {
  if (node === undefined || node instanceof Set) return undefined;
  if (node instanceof Map) {
    return node.get(key) === original ? new EntryWrite(node, key, original, after) : undefined;
  }
  if (Array.isArray(node)) {
    // True because the key of an item is its index.
    const hint = key as number;
    const index = node[hint] === original ? hint : node.indexOf(original);
    return index < 0 ? undefined : new FieldWrite(node, index, original, after);
  }
  // True because an object's keys are strings; its own, since the original stands there.
  const field = key as string;
  return node[field] === original ? new FieldWrite(node, field, original, after) : undefined;
}
