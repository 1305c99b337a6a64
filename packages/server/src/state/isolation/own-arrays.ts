import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import type { ArrayNode, StateNode } from "../node.ts";

/** What a transaction has done to the structure of an array. */
export interface OwnArray {
  /** How many items others have put there: what is behind them is the transaction's own. */
  length: number;
  /** How few those ever were: up to there, an index means the same whatever others add. */
  least: number;
  /** It has added items at the end, and changed nothing but them. */
  isTail: boolean;
  /** Where its last change stands among all reads and writes. */
  at: number;
}

/** The arrays that a transaction has added items to, removed some from or sorted. */
export class OwnArrays {
  readonly #arrays = new Map<StateNode, OwnArray>();

  /** Takes note of a write that is about to be made. */
  add(write: Write, position: number): void {
    if (write instanceof SpliceWrite) {
      const own = this.#own(write.node, position);
      own.isTail &&= write.index >= own.length;
    } else if (write instanceof OrderWrite) this.#own(write.node, position).isTail = false;
  }

  get(node: StateNode): OwnArray | undefined {
    return this.#arrays.get(node);
  }

  /** Others have changed the array at its end or before: that many items are theirs now. */
  resize(node: StateNode, length: number): void {
    const own = this.#arrays.get(node);
    if (own === undefined) return;
    own.length = length;
    own.least = Math.min(own.least, length);
  }

  clear(): void {
    this.#arrays.clear();
  }

  #own(node: ArrayNode, position: number): OwnArray {
    let own = this.#arrays.get(node);
    if (own === undefined) {
      own = { length: node.length, least: node.length, isTail: true, at: position };
      this.#arrays.set(node, own);
    }
    own.at = position;
    return own;
  }
}
