import { DEFAULT_LIMITS } from "@holdfast/protocol";
import type { Limits, ValueObject } from "@holdfast/protocol";
import type { ObjectNode } from "./node.ts";
import { Transaction } from "./transaction.ts";
import type { Applied } from "./transaction.ts";

export interface StateTreeOptions {
  readonly limits?: Partial<Limits>;
}

/**
 * The state of one instance. Owns the raw tree: nobody else may hold a part of it, and nothing but
 * its transactions changes it.
 *
 * @example
 * const tree = new StateTree({ count: 0 });
 * const transaction = tree.begin();
 * (transaction.state as { count: number }).count++;
 * transaction.derive(); // [{ op: "replace", path: ["count"], value: 1 }]
 * transaction.end();
 */
export class StateTree {
  /** Raw; committed when no transaction is open. Read it, never write to it. */
  readonly root: ValueObject;
  readonly #limits: Limits;
  readonly #applied: Applied = { active: undefined, last: 0 };

  constructor(root: ValueObject, options: StateTreeOptions = {}) {
    this.root = root;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /**
   * Begins where the last transaction stopped, whether that is ended or not; its state can no
   * longer be touched from here on.
   */
  begin(): Transaction {
    // True because the tree owns it, all the way down.
    return new Transaction(this.root as ObjectNode, this.#applied, this.#limits);
  }
}
