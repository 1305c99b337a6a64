import { HoldfastError } from "@holdfast/protocol";
import type { Limits, Patch, Primitive, Value } from "@holdfast/protocol";
import type { Applied, Guest } from "./applied.ts";
import { Assigned } from "./assigned.ts";
import type { AtomObject } from "./atom.ts";
import { derivePatches } from "./derive/derive-patches.ts";
import { Isolation } from "./isolation/isolation.ts";
import type { IsolatedScope } from "./isolation/isolated-scope.ts";
import { IsolatedArrayHandler } from "./isolation/isolated-array-handler.ts";
import { isolatedMapHandler, isolatedSetHandler } from "./isolation/isolated-collection-handler.ts";
import type { IsolatedLog } from "./isolation/isolated-log.ts";
import { IsolatedObjectHandler } from "./isolation/isolated-object-handler.ts";
import type { ReadLog } from "./isolation/read-log.ts";
import { Loans } from "./loans.ts";
import { metaOf, nodeKindOf, stamp } from "./node.ts";
import type { NodeKind, ObjectNode, StateNode } from "./node.ts";
import type { Origin } from "./tracked.ts";

export interface AsyncTransactionOptions {
  /** Whatever was read has to be as it was when the transaction is committed. */
  readonly serializable: boolean;
  /** Called at the first write after the beginning, and after each `publish` and `rollback`. */
  readonly onFirstWrite: () => void;
}

/**
 * One asynchronous action's work on the tree, across its awaits: it sees the committed state of now
 * and its own writes, and nobody sees those until they are published. Its writes are in the tree
 * while it is the one that touches it, and taken out when another one does.
 */
export class AsyncTransaction implements IsolatedScope, Guest {
  readonly root: ObjectNode;
  readonly depth: number;
  readonly atomBytes: number;
  readonly #limits: Limits;
  readonly #applied: Applied;
  readonly #onFirstWrite: () => void;
  readonly #isolation: Isolation;
  readonly #handlers: Partial<Record<NodeKind, ProxyHandler<StateNode>>> = {};
  #proxies = new Map<StateNode, object>();
  #loans: Loans = new Loans();
  #assigned: Assigned = new Assigned(this);
  #isWriting = false;
  #isEnded = false;

  constructor(
    root: ObjectNode,
    {
      applied,
      limits,
      options,
    }: {
      applied: Applied;
      limits: Limits;
      options: AsyncTransactionOptions;
    },
  ) {
    this.root = root;
    this.depth = limits.depth;
    this.atomBytes = limits.valueBytes;
    this.#limits = limits;
    this.#applied = applied;
    this.#onFirstWrite = options.onFirstWrite;
    this.#isolation = new Isolation(root, applied.commits, {
      limit: limits.writesPerAction,
      disorder: applied.disorder,
      serializable: options.serializable,
      onWrite: () => this.#wrote(),
    });
  }

  get log(): IsolatedLog {
    return this.#isolation.log;
  }

  get reads(): ReadLog {
    return this.#isolation.reads;
  }

  get loans(): Loans {
    return this.#loans;
  }

  /** The tracked state: an ordinary object to the handler, before and after every await. */
  get state(): object {
    // An object of the tree is wrapped as an object.
    return this.wrap(this.root, undefined, undefined) as object;
  }

  /** Whether it has writes that are not published. */
  get writing(): boolean {
    if (this.#isEnded) return false;
    // A Date that was changed is a write as well. What speaks against it is told by `derive`.
    if (!this.#isWriting) this.#attempt(() => this.settle());
    return this.#isWriting;
  }

  /**
   * The patches that turn the committed state into that state with its writes; none where they
   * cancel out. They share values with the tree, which holds its writes: encode them at once.
   *
   * @throws HoldfastError `CONFLICT`, also one that the handler has met before and swallowed.
   */
  derive(): Patch[] {
    this.assertActive();
    this.#attempt(() => this.settle());
    this.#isolation.assertFree();
    const patches = derivePatches(this.log.writes, this.root, this.#limits);
    return this.#applied.disorder.settleIn(patches, this.root);
  }

  /** What `derive` has given is durable: its writes are committed, reads and conflicts begin afresh. */
  publish(): void {
    this.assertActive();
    this.#loans.forget((place) => this.#isolation.hasReplaced(place));
    this.#isolation.publish();
    this.#assigned = new Assigned(this);
    this.#isWriting = false;
  }

  /** Drops its unpublished writes, and goes on as if it had just begun. */
  rollback(): void {
    if (this.#isEnded) return;
    this.#leave();
    this.#isolation.reset();
    this.#loans = new Loans();
    this.#assigned = new Assigned(this);
    this.#isWriting = false;
  }

  /** Drops its unpublished writes. From now on every touch of its state throws `ENDED`. */
  end(): void {
    if (this.#isEnded) return;
    this.rollback();
    this.#isEnded = true;
    this.#isolation.close();
    this.#proxies = new Map();
  }

  withdraw(): void {
    this.#applied.guest = undefined;
    if (this.#applied.active === this) this.#applied.active = undefined;
    this.#isolation.withdraw();
  }

  assertActive(): void {
    if (this.#applied.active !== this) this.#enter();
  }

  isLent(value: object): boolean {
    return this.#loans.originalOf(value) !== value;
  }

  follow(copy: object, origin: Origin): void {
    this.#assigned.follow(copy, origin);
  }

  copyAgain(copy: object, clone: (value: object) => Value): Value | undefined {
    return this.#assigned.copyAgain(copy, clone);
  }

  settle(): void {
    if (this.#loans.isEmpty && this.#assigned.isEmpty) return;
    this.assertActive();
    this.#assigned.settle();
    this.#loans.settle(
      (write) => this.log.run(write),
      (place, original) => this.#isolation.missed(place, original),
    );
  }

  isOwn(node: StateNode, tracked: object): boolean {
    return this.#proxies.get(node) === tracked;
  }

  copied(node: StateNode): void {
    this.#applied.disorder.settleBelow(node);
    this.#isolation.copied(node);
  }

  mayMove(top: StateNode): boolean {
    return !this.#isolation.standing.isRemoved(top);
  }

  touch(node: StateNode, key: Primitive): void {
    this.#isolation.touch(node, key);
  }

  touchAll(node: StateNode): void {
    this.#isolation.touchAll(node);
  }

  hasRestructured(node: StateNode): boolean {
    return this.#isolation.hasRestructured(node);
  }

  wrap(value: Value, parent: StateNode | undefined, key: Primitive): unknown {
    if (typeof value !== "object" || value === null) return value;
    let meta = metaOf(value);
    if (meta === undefined) {
      const now = this.#assigned.handOut(value);
      if (now !== value) return this.wrap(now, parent, key);
      const kind = nodeKindOf(value);
      // The casts are true: an object of the tree is a node or an atom.
      if (kind === undefined) return this.#loans.lend(value as AtomObject, parent, key);
      meta = stamp(value as StateNode, kind, parent, key);
    } else if (meta.parent === parent) meta.key = key;
    const node = value as StateNode;
    let proxy = this.#proxies.get(node);
    if (proxy === undefined) {
      proxy = new Proxy(node, (this.#handlers[meta.kind] ??= HANDLERS[meta.kind](this)));
      this.#proxies.set(node, proxy);
    }
    return proxy;
  }

  #enter(): void {
    const applied = this.#applied;
    if (this.#isEnded) refuseEnded();
    if (applied.open > 0) refuseForeign();
    if (applied.guest !== this) {
      applied.guest?.withdraw();
      applied.guest = this;
      this.#isolation.apply();
    }
    applied.active = this;
  }

  #leave(): void {
    if (this.#applied.guest === this) this.withdraw();
  }

  #wrote(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#onFirstWrite();
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!this.#isolation.isConflict(error)) throw error;
      this.#isWriting = true;
    }
  }
}

/** Each is given nodes of its own kind only. */
const HANDLERS = {
  object: (scope) => new IsolatedObjectHandler(scope),
  array: (scope) => new IsolatedArrayHandler(scope),
  Map: isolatedMapHandler,
  Set: isolatedSetHandler,
} as Record<NodeKind, (scope: IsolatedScope) => ProxyHandler<StateNode>>;

function refuseEnded(): never {
  throw new HoldfastError(
    "ENDED",
    "This state belongs to an action that is over: it has returned, thrown or taken too long. A " +
      "promise that it did not await was probably still running. Await it, or keep a copy: " +
      "unwrap(value).",
  );
}

function refuseForeign(): never {
  throw new HoldfastError(
    "ENDED",
    "This state belongs to an asynchronous action that awaits, and a synchronous one has touched " +
      "it: it was probably kept in a variable. Use the state that the handler was given.",
  );
}
