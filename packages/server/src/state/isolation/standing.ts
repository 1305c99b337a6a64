import { topOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import type { Commits, Reader } from "./commits.ts";

/** Where nodes stand, as one transaction has them: in the tree, or taken out by itself or others. */
export class Standing {
  readonly #root: StateNode;
  readonly #commits: Commits;
  readonly #reader: Reader;

  constructor(root: StateNode, commits: Commits, reader: Reader) {
    this.#root = root;
    this.#commits = commits;
    this.#reader = reader;
  }

  isInTree(node: StateNode): boolean {
    return topOf(node) === this.#root;
  }

  /** Not in the tree, because somebody else has removed it or what holds it. */
  isRemoved(node: StateNode): boolean {
    const top = topOf(node);
    return top !== this.#root && this.#commits.isRemovedByOthers(top, this.#reader);
  }

  /** Not in the tree, and nobody else's doing. */
  isTakenOut(node: StateNode): boolean {
    const top = topOf(node);
    return top !== this.#root && !this.#commits.isRemovedByOthers(top, this.#reader);
  }
}
