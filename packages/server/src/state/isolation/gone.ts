import type { StateNode } from "../node.ts";
import type { Commits } from "./commits.ts";
import type { ReadLog } from "./read-log.ts";
import type { Standing } from "./standing.ts";
import type { Past } from "./successions.ts";

/** What a handler has read, and others have removed since. */
export class Gone {
  readonly #commits: Commits;
  readonly #reads: ReadLog;
  readonly #standing: Standing;
  /** With what stands there now. */
  #nodes: ReadonlyMap<StateNode, StateNode | undefined> = new Map();
  /** Found after so many commits, and with so many nodes read. */
  #count = 0;
  #size = 0;

  constructor(commits: Commits, reads: ReadLog, standing: Standing) {
    this.#commits = commits;
    this.#reads = reads;
    this.#standing = standing;
  }

  /** Looks who is gone. Before each write: afterwards it is harder to tell what took whose place. */
  update(): void {
    const { count, successions } = this.#commits;
    const { nodes, copied } = this.#reads;
    const size = nodes.size + copied.size;
    if (this.#count === count && this.#size === size) return;
    const known = this.#count === count ? this.#nodes : undefined;
    const gone = new Map<StateNode, StateNode | undefined>();
    for (const node of [...nodes.keys(), ...copied.keys()]) {
      if (!this.#standing.isRemoved(node)) continue;
      gone.set(node, known?.has(node) ? known.get(node) : successions.successorOf(node));
    }
    this.#nodes = gone;
    this.#count = count;
    this.#size = size;
  }

  /** What stood where a node stands, as far as the handler has read it. */
  pastsOf(node: StateNode): readonly Past[] {
    this.update();
    if (this.#nodes.size === 0) return [];
    const pasts = this.#commits.successions.pastsOf(node);
    return pasts.filter(({ holders }) => holders.some((holder) => this.#nodes.has(holder)));
  }

  /** What took the place of something that the handler has read, and was taken out by it. */
  takenOut(): StateNode | undefined {
    this.update();
    for (const node of this.#nodes.values()) {
      if (node !== undefined && this.#standing.isTakenOut(node)) return node;
    }
    return undefined;
  }

  clear(): void {
    this.#nodes = new Map();
    this.#count = 0;
    this.#size = 0;
  }
}
