import type { Primitive } from "@holdfast/protocol";

interface Link {
  readonly key: Primitive;
  previous: Link | undefined;
  next: Link | undefined;
}

/** Stands for "before all others" where the key of a predecessor is asked for. */
export const FIRST: unique symbol = Symbol("first");

/** The key that stands before another one. */
export type Predecessor = Primitive | typeof FIRST;

/**
 * The order of a Map's or Set's keys as a linked list. A Map forgets where an entry stood that is
 * deleted, and can only add at its end; with this list a deleted entry finds its place again at
 * the cost of that one entry. It is built once, when a deletion is undone for the first time, or
 * deletions have looked for their predecessors long enough, and then kept in step.
 */
export class EntryOrder {
  readonly #links = new Map<Primitive, Link>();
  #first: Link | undefined;
  #last: Link | undefined;
  /** The keys that a Map has at its end since they were put back, and that stand elsewhere here. */
  readonly #misplaced = new Set<Primitive>();

  constructor(keys: Iterable<Primitive>) {
    for (const key of keys) this.append(key);
  }

  has(key: Primitive): boolean {
    return this.#links.has(key);
  }

  append(key: Primitive): void {
    this.#insert(key, this.#last);
  }

  /** Whether the Map has its entries in another order. */
  get isDisturbed(): boolean {
    return this.#misplaced.size > 0;
  }

  /** The Map has been put in order. */
  settle(): void {
    this.#misplaced.clear();
  }

  /** Puts a key back behind its predecessor; the Map has it at its end. */
  restore(key: Primitive, predecessor: Predecessor): void {
    const previous = predecessor === FIRST ? undefined : this.#links.get(predecessor);
    if (this.#insert(key, previous) !== this.#last) this.#misplaced.add(key);
  }

  /** Takes a key out and tells what stood before it. */
  remove(key: Primitive): Predecessor {
    const link = this.#links.get(key);
    if (link === undefined) return FIRST;
    // The calls first: an overflow of the stack inside them must not find the list half changed.
    this.#links.delete(key);
    this.#misplaced.delete(key);
    const { previous, next } = link;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    return previous === undefined ? FIRST : previous.key;
  }

  clear(): void {
    this.#links.clear();
    this.#misplaced.clear();
    this.#first = undefined;
    this.#last = undefined;
  }

  *keys(): Generator<Primitive, void, undefined> {
    for (let link = this.#first; link !== undefined; link = link.next) yield link.key;
  }

  /** From the last key to the first. */
  *keysBackward(): Generator<Primitive, void, undefined> {
    for (let link = this.#last; link !== undefined; link = link.previous) yield link.key;
  }

  #insert(key: Primitive, previous: Link | undefined): Link {
    const next = previous === undefined ? this.#first : previous.next;
    const link: Link = { key, previous, next };
    this.#links.set(key, link);
    if (previous === undefined) this.#first = link;
    else previous.next = link;
    if (next === undefined) this.#last = link;
    else next.previous = link;
    return link;
  }
}
