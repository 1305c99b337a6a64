import { DEFAULT_LIMITS } from "@holdfast/protocol";
import type { Limits, ValueObject } from "@holdfast/protocol";
import { Applied } from "./applied.ts";
import { AsyncTransaction } from "./async-transaction.ts";
import type { AsyncTransactionOptions } from "./async-transaction.ts";
import { keepShapes } from "./live-shapes.ts";
import type { ObjectNode } from "./node.ts";
import { Transaction } from "./transaction.ts";

/** So many actions make code hot enough to be optimised. */
const WARM = 1_000;

/** Of all trees, since they share the code. */
let begun = 0;

export interface StateTreeOptions {
  readonly limits?: Partial<Limits>;
}

/** Options of a synchronous transaction. */
export interface TransactionOptions {
  readonly keepsIdle?: boolean;
  readonly isUnlimited?: boolean;
}

const UNLIMITED = {
  valueBytes: Number.POSITIVE_INFINITY,
  writesPerAction: Number.POSITIVE_INFINITY,
};

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
  readonly #root: ValueObject;
  readonly #limits: Limits;
  readonly #applied: Applied;

  constructor(root: ValueObject, options: StateTreeOptions = {}) {
    this.#root = root;
    this.#applied = new Applied(root);
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /**
   * Raw, with the writes of the transaction that touched it last; `committed()` is without those of
   * an asynchronous one. Read it at once, and never write to it.
   */
  get root(): ValueObject {
    this.#applied.disorder.settle();
    return this.#root;
  }

  /**
   * Begins a synchronous transaction where the last one stopped, whether that is ended or not; its
   * state can no longer be touched from here on. Asynchronous ones go on when they are ended all.
   *
   * @param options.keepsIdle its log also tells the writes that changed nothing
   * @param options.isUnlimited what it takes in was within limits where it was written, piece by piece
   */
  begin({ keepsIdle = false, isUnlimited = false }: TransactionOptions = {}): Transaction {
    this.#applied.guest?.withdraw();
    if (++begun === WARM) keepShapes();
    // True because the tree owns it, all the way down.
    return new Transaction(this.#root as ObjectNode, {
      applied: this.#applied,
      limits: isUnlimited ? { ...this.#limits, ...UNLIMITED } : this.#limits,
      keepsIdle,
    });
  }

  /** Begins an asynchronous transaction on the committed state. Any number may be open. */
  beginAsync(options: AsyncTransactionOptions): AsyncTransaction {
    if (++begun === WARM) keepShapes();
    return new AsyncTransaction(this.#root as ObjectNode, {
      applied: this.#applied,
      limits: this.#limits,
      options,
    });
  }

  /**
   * The root, with nobody's unfinished writes: those of asynchronous transactions are taken out
   * until they touch the tree again.
   */
  committed(): ValueObject {
    this.#applied.guest?.withdraw();
    return this.root;
  }
}
