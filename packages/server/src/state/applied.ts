import { Disorder } from "./disorder.ts";
import { Commits } from "./isolation/commits.ts";
import type { Write } from "./log/write.ts";
import type { StateNode } from "./node.ts";

/** An asynchronous transaction whose unpublished writes are in the tree. */
export interface Guest {
  /** Takes its writes out of the tree, until it is touched again. */
  withdraw(): void;
}

/** Whose proxies may touch the tree, and whose changes are in it. */
export class Applied {
  /** The transaction that reads and writes now. */
  active: object | undefined = undefined;
  /** The number of the last synchronous transaction whose changes are in the tree. */
  last = 0;
  /** How many synchronous transactions are applied and not ended: their changes may be undone yet. */
  open = 0;
  guest: Guest | undefined = undefined;
  readonly commits: Commits;
  readonly disorder: Disorder = new Disorder();
  #ended: Write[] = [];

  constructor(root: StateNode) {
    this.commits = new Commits(root);
  }

  /**
   * A synchronous transaction has ended or was undone: `writes` is what it has left. Those of one
   * batch are committed together, since the tree holds the result of all of them.
   */
  close(writes: readonly Write[] | undefined): void {
    this.open--;
    if (writes !== undefined && this.commits.isWatched(undefined)) {
      for (const write of writes) this.#ended.push(write);
    }
    if (this.open > 0 || this.#ended.length === 0) return;
    const ended = this.#ended;
    this.#ended = [];
    this.commits.record(ended, undefined);
  }
}
