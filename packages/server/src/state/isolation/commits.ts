import { MoveWrite } from "../log/move-write.ts";
import type { Write } from "../log/write.ts";
import { metaOf, topOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import { summarize } from "./change.ts";
import type { Change } from "./change.ts";
import { Successions } from "./successions.ts";
import { takenOut } from "./taken-out.ts";

/** An open asynchronous transaction, as the commits know it. */
export interface Reader {
  /** The last commit that is part of its beginning: it needs those after that one. */
  readonly since: number;
}

interface Commit {
  readonly number: number;
  readonly nodes: readonly StateNode[];
}

/**
 * What others have committed while asynchronous transactions are open; nothing at all is kept while
 * there are none. Numbers count commits, so that what changed after something was read is found.
 */
export class Commits {
  #count = 0;
  readonly #root: StateNode;
  readonly #readers = new Set<Reader>();
  readonly #changes = new Map<StateNode, Change>();
  readonly successions: Successions;
  /** Nodes at the top of a part that a commit took out of the tree, with who did it. */
  readonly #removed = new WeakMap<StateNode, Reader | undefined>();
  /** Oldest first. */
  #recent: Commit[] = [];

  constructor(root: StateNode) {
    this.#root = root;
    this.successions = new Successions(root);
  }

  /** The number of the last commit. */
  get count(): number {
    return this.#count;
  }

  open(reader: Reader): void {
    this.#readers.add(reader);
  }

  close(reader: Reader): void {
    this.#readers.delete(reader);
    this.forget();
  }

  /** Whether anybody but `author` needs to know what is committed. */
  isWatched(author: Reader | undefined): boolean {
    return this.#readers.size > (author === undefined ? 0 : 1);
  }

  /** Takes note of writes that are in the tree, and durable from now on. */
  record(writes: readonly Write[], author: Reader | undefined): void {
    if (writes.length === 0) return;
    const number = ++this.#count;
    const nodes = summarize(writes, number, this.#changes);
    if (nodes.length > 0) this.#recent.push({ number, nodes });
    this.successions.record(writes, number);
    for (const write of writes) {
      for (const node of takenOut(write)) {
        if (metaOf(node)?.parent === undefined) this.#removed.set(node, author);
      }
      // What it was moved into may be gone again, without a record that says so.
      if (write instanceof MoveWrite) {
        for (const { node } of write.moves) {
          const top = topOf(node);
          if (top !== this.#root) this.#removed.set(top, author);
        }
      }
    }
  }

  changeOf(node: StateNode): Change | undefined {
    return this.#changes.get(node);
  }

  /** The nodes that were written to after the commit of that number. */
  nodesSince(number: number): Set<StateNode> {
    const nodes = new Set<StateNode>();
    for (let at = this.#recent.length - 1; at >= 0; at--) {
      const commit = this.#recent[at];
      if (commit === undefined || commit.number <= number) break;
      for (const node of commit.nodes) nodes.add(node);
    }
    return nodes;
  }

  /** Whether a commit of somebody else has taken out the part that has this node at its top. */
  isRemovedByOthers(top: StateNode, reader: Reader): boolean {
    return this.#removed.has(top) && this.#removed.get(top) !== reader;
  }

  /** Lets go of what no open transaction is older than. */
  forget(): void {
    let oldest = this.#count;
    for (const { since } of this.#readers) oldest = Math.min(oldest, since);
    let kept = 0;
    for (const { number, nodes } of this.#recent) {
      if (number > oldest) break;
      kept++;
      for (const node of nodes) {
        if ((this.#changes.get(node)?.last ?? 0) <= oldest) this.#changes.delete(node);
      }
    }
    this.#recent = this.#recent.slice(kept);
    this.successions.forget(oldest);
  }
}
