import { entriesOf, isNode, metaOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import type { Commits } from "./commits.ts";

/**
 * The nodes that others have written to, or put where other ones stood, since a handler's reads
 * began afresh: so that a removal finds those in what it removes, and looks at nothing else.
 */
export class Others {
  readonly #commits: Commits;
  /** As of so many commits, and since which one. */
  #count = -1;
  #since = -1;
  #changed = new Set<StateNode>();
  /** With all nodes that hold one. */
  #ways = new Set<StateNode>();
  readonly #moved: StateNode[] = [];

  constructor(commits: Commits) {
    this.#commits = commits;
  }

  /** Those in a node, itself included. */
  *below(node: StateNode, since: number): Generator<StateNode, void, undefined> {
    this.#update(since);
    for (const moved of this.#moved.splice(0)) this.#addWay(metaOf(moved)?.parent);
    yield* this.#find(node);
  }

  /** The handler moves a node: what will hold it is known once its write is made. */
  moved(node: StateNode): void {
    if (this.#ways.has(node)) this.#moved.push(node);
  }

  *#find(node: StateNode): Generator<StateNode, void, undefined> {
    if (!this.#ways.has(node)) return;
    if (this.#changed.has(node)) yield node;
    for (const [, child] of entriesOf(node)) if (isNode(child)) yield* this.#find(child);
  }

  #update(since: number): void {
    const { count, successions } = this.#commits;
    if (this.#count === count && this.#since === since) return;
    this.#count = count;
    this.#since = since;
    this.#changed = this.#commits.nodesSince(since);
    for (const node of successions.since(since)) this.#changed.add(node);
    this.#ways = new Set();
    for (const node of this.#changed) this.#addWay(node);
  }

  #addWay(node: StateNode | undefined): void {
    for (let at = node; at !== undefined; at = metaOf(at)?.parent) {
      if (this.#ways.has(at)) return;
      this.#ways.add(at);
    }
  }
}
