import type { Primitive, Value } from "@holdfast/protocol";
import { Base } from "../derive/base.ts";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import { ABSENT, entriesOf, isNode, nodeKindOf, topOf } from "../node.ts";
import type { Absent, ObjectNode, StateNode } from "../node.ts";
import { pairItems } from "./pair-items.ts";
import { valueAt } from "./value-at.ts";

/** A node that is gone from where another one stands now. */
export interface Past {
  readonly node: StateNode;
  /** The nodes on the way to it from the one that was replaced; itself is the last. */
  readonly holders: readonly StateNode[];
}

const NOTHING = new Base([]);

/**
 * Which node took the place of which: whoever writes `state.cells = { ...state.cells, a: 1 }` has
 * changed `cells.a` for a handler that has read it in the object that is gone. What both hold is
 * paired at the commit that replaces, as long as it is plain what stood where.
 */
export class Successions {
  readonly #root: StateNode;
  readonly #links = new Map<StateNode, Link>();
  /** What stood at a key of an object or Map, until a node stands there again. */
  readonly #gaps = new Map<StateNode, Map<Primitive, Gap>>();
  /** What nodes held before the writes of the commit that is recorded. */
  #placed = NOTHING;
  /** What is remembered, oldest first, to be forgotten in that order. */
  #marks: Mark[] = [];

  constructor(root: StateNode) {
    this.#root = root;
  }

  /** Takes note of the writes of a commit, which are in the tree. */
  record(writes: readonly Write[], number: number): void {
    this.#placed = new Base(writes);
    for (const write of writes) {
      if (write instanceof FieldWrite || write instanceof EntryWrite) {
        if (Array.isArray(write.node)) this.#replace(write.before, write.after, number);
        else this.#fill(write.node, write, number);
      } else if (write instanceof SpliceWrite) {
        const { removed, inserted } = write;
        for (const [before, after] of pairItems(removed, inserted)) {
          this.#replace(before, after, number);
        }
      } else if (write instanceof ClearWrite) {
        for (const [key, before] of write.entries) {
          this.#fill(write.node, { key, before, after: ABSENT }, number);
        }
      }
    }
    this.#placed = NOTHING;
  }

  /** The number of the commit that put a node where another one had stood; 0 for none. */
  commitOf(node: StateNode): number {
    return this.#links.get(node)?.number ?? 0;
  }

  /** What stood where a node stands, before it or what holds it was replaced; newest first. */
  pastsOf(node: StateNode): readonly Past[] {
    let link = this.#links.get(node);
    if (link === undefined) return NONE;
    const pasts: Past[] = [];
    // A node may have come back to where it stood.
    const seen = new Set<StateNode>([node]);
    for (; link !== undefined && !seen.has(link.past); link = this.#links.get(link.past)) {
      seen.add(link.past);
      pasts.push({ node: link.past, holders: holdersOf(link) });
    }
    return pasts;
  }

  /** The nodes that commits after the one of that number have put in the place of others. */
  *since(number: number): Generator<StateNode, void, undefined> {
    for (let at = this.#marks.length - 1; at >= 0; at--) {
      const mark = this.#marks[at];
      if (mark === undefined || mark.number <= number) return;
      if (!mark.isGap) yield mark.node;
    }
  }

  /** Lets go of what commits up to this number have replaced. */
  forget(number: number): void {
    let kept = 0;
    for (const mark of this.#marks) {
      if (mark.number > number) break;
      kept++;
      if (mark.isGap) this.#gaps.delete(mark.node);
      else if ((this.#links.get(mark.node)?.number ?? 0) <= number) this.#links.delete(mark.node);
    }
    if (kept > 0) this.#marks = this.#marks.slice(kept);
  }

  #replace(before: Value | Absent, after: Value | Absent, number: number): void {
    if (!isNode(before) || !isNode(after) || !this.#isGone(before)) return;
    this.#link(before, after, number, undefined);
  }

  /** A key of an object or Map was written to. */
  #fill(node: StateNode, { key, before, after }: Filling, number: number): void {
    if (isNode(before)) {
      if (!this.#isGone(before)) return;
      if (isNode(after)) this.#link(before, after, number, undefined);
      else this.#leaveGap(node, key, { past: before, above: undefined }, number);
      return;
    }
    const gap = this.#gaps.get(node)?.get(key);
    if (gap === undefined || !isNode(after)) return;
    this.#gaps.get(node)?.delete(key);
    if (this.#isGone(gap.past)) this.#link(gap.past, after, number, gap.above);
  }

  #link(past: StateNode, node: StateNode, number: number, above: Link | undefined): void {
    if (past === node || nodeKindOf(past as Value) !== nodeKindOf(node as Value)) return;
    const link: Link = { past, number, above };
    this.#links.set(node, link);
    this.#marks.push({ number, node, isGap: false });
    this.#linkBelow(link, node);
  }

  #linkBelow(link: Link, node: StateNode): void {
    const { past, number } = link;
    if (Array.isArray(past) && Array.isArray(node)) {
      // A new list may have been changed since it was put there.
      for (const [before, after] of pairItems(past, this.#placed.itemsOf(node))) {
        if (isNode(before) && isNode(after) && this.#isGone(before)) {
          this.#link(before, after, number, link);
        }
      }
      return;
    }
    const at = this.#contentOf(node);
    for (const [key, before] of entriesOf(past)) {
      if (!isNode(before) || !this.#isGone(before)) continue;
      const after = at(key);
      if (isNode(after)) this.#link(before, after, number, link);
      else this.#leaveGap(node, key, { past: before, above: link }, number);
    }
  }

  /** What an object or Map held when it was put where it stands. */
  #contentOf(node: StateNode): (key: Primitive) => Value | Absent {
    if (!(node instanceof Map)) {
      // True because the children of neither an array nor a Set are asked for by key.
      const fields = this.#placed.fieldsOf(node as ObjectNode);
      return (key) => valueAt(fields, key);
    }
    const touched = this.#placed.touchedEntries(node);
    return (key) => touched.get(key) ?? valueAt(node, key);
  }

  /** One that was moved on is still held by what is gone, but stands elsewhere. */
  #isGone(node: StateNode): boolean {
    return topOf(node) !== this.#root;
  }

  #leaveGap(node: StateNode, key: Primitive, gap: Gap, number: number): void {
    let gaps = this.#gaps.get(node);
    if (gaps === undefined) this.#gaps.set(node, (gaps = new Map<Primitive, Gap>()));
    gaps.set(key, gap);
    this.#marks.push({ number, node, isGap: true });
  }
}

const NONE: readonly Past[] = [];

interface Gap {
  readonly past: StateNode;
  /** How what held it was replaced, where that is how it went. */
  readonly above: Link | undefined;
}

interface Link extends Gap {
  readonly number: number;
}

interface Filling {
  readonly key: Primitive;
  readonly before: Value | Absent;
  readonly after: Value | Absent;
}

interface Mark {
  readonly number: number;
  readonly node: StateNode;
  readonly isGap: boolean;
}

function holdersOf(link: Link): StateNode[] {
  const holders: StateNode[] = [];
  for (let at: Link | undefined = link; at !== undefined; at = at.above) holders.unshift(at.past);
  return holders;
}
