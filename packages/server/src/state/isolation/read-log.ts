import type { Primitive, Value } from "@holdfast/protocol";
import type { Absent, StateNode } from "../node.ts";

/** What was read of a node as a whole. */
export const KEYS: unique symbol = Symbol("keys");
export const ITEMS: unique symbol = Symbol("items");
/** All that lies below a node, by whoever copied it. */
const DEEP: unique symbol = Symbol("deep");
/** The length that `push` has returned: a read that does not make the push any less blind. */
const PUSHED: unique symbol = Symbol("pushed");
/** An own write has given all keys or indices another meaning. */
const RESTRUCTURED: unique symbol = Symbol("restructured");

/** Stands where the number of a commit would: the value is what the handler itself has written. */
const OWN = -1;

/** Fields of one entry: node, key, value, number of the last commit. */
const ENTRY = 4;
/** So many entries are kept as they come; then they are put in order, which drops repetitions. */
const MOST_LOOSE = 4_096 * ENTRY;

/** Whoever has read so many places has read everything: memory is bounded. */
const MOST_PLACES = 100_000;

/** A read of a node as a whole. */
export interface WholeRead {
  /** The number of the last commit when it was first read, and when it was last read. */
  readonly first: number;
  readonly last: number;
  /** Where the last read stands among all reads and writes. */
  readonly at: number;
}

/** A read of one place. */
export interface PlaceRead {
  /** What was first read of others' making, if `isRead`. */
  first: Value | Absent;
  isRead: boolean;
  /** What the handler last saw or wrote there, if `isKnown`. */
  last: Value | Absent;
  isKnown: boolean;
  /** The handler has written there: what it reads now is its own. */
  isOwn: boolean;
  /** Two reads have found different values: no serial order explains both. */
  isTorn: boolean;
  commit: number;
  at: number;
}

/** What a handler has read of one node. */
export interface NodeReads {
  places: Map<Primitive, PlaceRead>;
  keys: WholeRead | undefined;
  items: WholeRead | undefined;
  /** Where the first read stands; `undefined` if there is none but of what `push` returns. */
  firstAt: number | undefined;
  /** The last commit when any item was last read. */
  lastPlace: number | undefined;
}

/**
 * What an asynchronous handler has read since its reads began afresh: flat, because it is looked at
 * only if somebody else commits meanwhile.
 */
export class ReadLog {
  #loose: unknown[] = [];
  #nodes = new Map<StateNode, NodeReads>();
  #deep = new Map<StateNode, WholeRead>();
  #position = 0;
  #places = 0;
  /** The last commit when the first read of all was made. */
  #oldest: number | undefined;
  readonly #commits: { readonly count: number };
  readonly #root: StateNode;
  readonly #same: (one: Value | Absent, other: Value | Absent) => boolean;

  constructor(
    commits: { readonly count: number },
    {
      root,
      same,
    }: {
      root: StateNode;
      same: (one: Value | Absent, other: Value | Absent) => boolean;
    },
  ) {
    this.#commits = commits;
    this.#root = root;
    this.#same = same;
  }

  /** A place was read. */
  place(node: StateNode, key: Primitive, value: Value | Absent): void {
    this.#add(node, key, value, this.#commits.count);
  }

  /** The keys, the members, the length were read. */
  keys(node: StateNode): void {
    this.#add(node, KEYS, undefined, this.#commits.count);
  }

  /** All values were read. */
  items(node: StateNode): void {
    this.#add(node, ITEMS, undefined, this.#commits.count);
  }

  /** A node was copied, or handed out raw. */
  deep(node: StateNode): void {
    this.#add(node, DEEP, undefined, this.#commits.count);
  }

  /** A node is about to leave what it was copied with. */
  inherit(node: StateNode, read: WholeRead): void {
    this.#putInOrder();
    const known = this.#deep.get(node);
    if (known === undefined || known.at < read.at) this.#deep.set(node, read);
  }

  pushed(node: StateNode): void {
    this.#add(node, PUSHED, undefined, this.#commits.count);
  }

  /** The handler itself has written to a place. */
  own(node: StateNode, key: Primitive, value: Value | Absent): void {
    this.#add(node, key, value, OWN);
  }

  /** The handler itself has changed what all keys or indices stand for. */
  restructured(node: StateNode): void {
    this.#add(node, RESTRUCTURED, undefined, OWN);
  }

  /** Where the next read will stand. */
  get position(): number {
    return this.#position + this.#loose.length / ENTRY;
  }

  of(node: StateNode): NodeReads | undefined {
    this.#putInOrder();
    return this.#nodes.get(node);
  }

  get nodes(): ReadonlyMap<StateNode, NodeReads> {
    this.#putInOrder();
    return this.#nodes;
  }

  /** The nodes of which everything below was read. */
  get copied(): ReadonlyMap<StateNode, WholeRead> {
    this.#putInOrder();
    return this.#deep;
  }

  clear(): void {
    this.#loose = [];
    this.#nodes = new Map();
    this.#deep = new Map();
    this.#places = 0;
    this.#oldest = undefined;
  }

  #add(node: StateNode, key: Primitive | symbol, value: Value | Absent, commit: number): void {
    this.#loose.push(node, key, value, commit);
    if (this.#loose.length >= MOST_LOOSE) this.#putInOrder();
  }

  #putInOrder(): void {
    const loose = this.#loose;
    if (loose.length === 0) return;
    this.#loose = [];
    for (let at = 0; at < loose.length; at += ENTRY) {
      // The casts are true because `#add` puts them there in this order.
      const node = loose[at] as StateNode;
      const key = loose[at + 1] as Primitive | symbol;
      const commit = loose[at + 3] as number;
      const position = this.#position++;
      if (commit !== OWN) this.#oldest ??= commit;
      if (key === DEEP) this.#deep.set(node, again(this.#deep.get(node), commit, position));
      else this.#index(node, key, loose[at + 2] as Value | Absent, commit, position);
    }
    if (this.#places > MOST_PLACES) this.#forget();
  }

  /** Keeps only that all of the tree was read, at the earliest. */
  #forget(): void {
    const oldest = this.#oldest ?? this.#commits.count;
    this.#nodes = new Map();
    this.#deep = new Map([[this.#root, { first: oldest, last: oldest, at: this.#position++ }]]);
    this.#places = 0;
  }

  #index(
    node: StateNode,
    key: Primitive | symbol,
    value: Value | Absent,
    commit: number,
    at: number,
  ): void {
    let reads = this.#nodes.get(node);
    if (reads === undefined) {
      reads = {
        places: new Map(),
        keys: undefined,
        items: undefined,
        firstAt: undefined,
        lastPlace: undefined,
      };
      this.#nodes.set(node, reads);
    }
    if (commit !== OWN && key !== PUSHED) reads.firstAt ??= at;
    if (key === KEYS || key === PUSHED) reads.keys = again(reads.keys, commit, at);
    else if (key === ITEMS) reads.items = again(reads.items, commit, at);
    else if (key === RESTRUCTURED) {
      for (const place of reads.places.values()) {
        place.isKnown = false;
        place.isOwn = true;
      }
    } else {
      if (commit !== OWN) reads.lastPlace = commit;
      // True because the symbols were dealt with.
      this.#indexPlace(reads.places, key as Primitive, value, commit, at);
    }
  }

  #indexPlace(
    places: Map<Primitive, PlaceRead>,
    key: Primitive,
    value: Value | Absent,
    commit: number,
    at: number,
  ): void {
    const isOwn = commit === OWN;
    const known = places.get(key);
    if (known === undefined) {
      this.#places++;
      places.set(key, {
        first: value,
        isRead: !isOwn,
        last: value,
        isKnown: true,
        isOwn,
        isTorn: false,
        commit,
        at,
      });
      return;
    }
    if (!isOwn && !known.isOwn) {
      if (!known.isRead) known.first = value;
      else if (!this.#same(known.first, value)) known.isTorn = true;
      known.isRead = true;
    }
    known.last = value;
    known.isKnown = true;
    known.isOwn ||= isOwn;
    known.commit = commit;
    known.at = at;
  }
}

function again(before: WholeRead | undefined, commit: number, at: number): WholeRead {
  return { first: before?.first ?? commit, last: commit, at };
}
