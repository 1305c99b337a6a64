import { HoldfastError } from "@holdfast/protocol";
import type { Limits, Patch, Primitive, Value } from "@holdfast/protocol";
import type { Applied } from "./applied.ts";
import { Assigned } from "./assigned.ts";
import type { AtomObject } from "./atom.ts";
import { derivePatches } from "./derive/derive-patches.ts";
import { Loans } from "./loans.ts";
import { UndoLog } from "./log/undo-log.ts";
import { TouchWrite } from "./log/touch-write.ts";
import { ABSENT, metaOf, nodeKindOf, stamp } from "./node.ts";
import type { NodeKind, NodeMeta, ObjectNode, StateNode } from "./node.ts";
import { arrayHandler } from "./proxy/array-handler.ts";
import { mapHandler } from "./proxy/map-handler.ts";
import { objectHandler } from "./proxy/object-handler.ts";
import { setHandler } from "./proxy/set-handler.ts";
import type { Origin, Scope } from "./tracked.ts";

/** Numbers tell transactions apart where a reference would keep an ended one in memory. */
let transactions = 0;

/**
 * One action's work on the tree: its proxies, its undo log, and the patches derived from it. The
 * raw tree is changed in place; a transaction that is applied is simply what the tree holds.
 */
export class Transaction implements Scope {
  readonly root: ObjectNode;
  readonly depth: number;
  readonly atomBytes: number;
  readonly log: UndoLog;
  readonly idle: ((node: StateNode, key: Primitive) => void) | undefined;
  readonly #limits: Limits;
  readonly #applied: Applied;
  readonly #number: number = ++transactions;
  /** What the tree held when this one began, or was undone. */
  readonly #previous: number;
  /** Apart from the others, as every action has objects: the root is one. */
  readonly #objects: ProxyHandler<StateNode> = HANDLERS.object(this);
  readonly #others: Partial<Record<NodeKind, ProxyHandler<StateNode>>> = {};
  #proxies: object[] = [];
  #loans: Loans | undefined;
  #assigned: Assigned | undefined;
  #status: "open" | "undone" | "ended" = "open";

  constructor(
    root: ObjectNode,
    { applied, limits, keepsIdle }: { applied: Applied; limits: Limits; keepsIdle: boolean },
  ) {
    this.root = root;
    this.depth = limits.depth;
    this.atomBytes = limits.valueBytes;
    this.log = new UndoLog(limits.writesPerAction, applied.disorder);
    this.idle = keepsIdle
      ? (node, key) => this.log.run(new TouchWrite(node, { key, value: ABSENT }))
      : undefined;
    this.#limits = limits;
    this.#applied = applied;
    this.#previous = applied.last;
    applied.last = this.#number;
    applied.active = this;
    applied.open++;
  }

  get loans(): Loans {
    return (this.#loans ??= new Loans());
  }

  /** The tracked state: an ordinary object to the action that reads and changes it. */
  get state(): object {
    // An object of the tree is wrapped as an object.
    return this.wrap(this.root, undefined, undefined) as object;
  }

  /**
   * The patches that turn the tree as it was at `begin` into what it is now; none where all changes
   * cancel out. They share values with the tree: encode them before the next write.
   *
   * @throws the error of a write that failed half-way, even if the action caught it.
   */
  derive(): Patch[] {
    if (this.#applied.last !== this.#number) refuseOrder("derived", "others were applied since");
    this.settle();
    this.log.assertWhole();
    const patches = derivePatches(this.log.writes, this.root, this.#limits);
    return this.#applied.disorder.settleIn(patches, this.root);
  }

  /**
   * Takes everything back, the order of Maps and Sets included. Also after `end`, unless
   * asynchronous transactions are open, which have seen it as committed.
   */
  undo(): void {
    const applied = this.#applied;
    if (applied.last !== this.#number) refuseOrder("undone", "it is not the last one applied");
    if (this.#status === "ended") this.#assertUnseen("undone");
    this.log.undo();
    applied.last = this.#previous;
    if (applied.active === this) applied.active = undefined;
    if (this.#status === "ended") return;
    this.#status = "undone";
    applied.close(undefined);
  }

  /** Makes the same changes again after `undo`. */
  redo(): void {
    if (this.#applied.last !== this.#previous) {
      refuseOrder("made again", "the tree is not as it was when it was undone");
    }
    if (this.#status === "ended") this.#assertUnseen("made again");
    else {
      this.#status = "open";
      this.#applied.open++;
      this.#applied.active = this;
    }
    this.log.redo();
    this.#applied.last = this.#number;
  }

  /** From now on every touch of its state throws `ENDED`; its changes stay, and are committed. */
  end(): void {
    const applied = this.#applied;
    if (this.#status === "open") applied.close(this.log.writes);
    this.#status = "ended";
    this.#proxies = [];
    this.#loans = undefined;
    this.#assigned = undefined;
    if (applied.active === this) applied.active = undefined;
  }

  assertActive(): void {
    if (this.#applied.active !== this) refuseEnded();
  }

  isLent(value: object): boolean {
    return this.#loans !== undefined && this.#loans.originalOf(value) !== value;
  }

  follow(copy: object, origin: Origin): void {
    (this.#assigned ??= new Assigned(this)).follow(copy, origin);
  }

  copyAgain(copy: object, clone: (value: object) => Value): Value | undefined {
    return this.#assigned?.copyAgain(copy, clone);
  }

  settle(): void {
    this.#assigned?.settle();
    this.#loans?.settle((write) => this.log.run(write));
  }

  isOwn(node: StateNode, tracked: object): boolean {
    const meta = metaOf(node);
    return meta?.transaction === this.#number && this.#proxies[meta.slot] === tracked;
  }

  wrap(value: Value, parent: StateNode | undefined, key: Primitive): unknown {
    if (typeof value !== "object" || value === null) return value;
    let meta = metaOf(value);
    if (meta === undefined) {
      const now = this.#assigned?.handOut(value) ?? value;
      if (now !== value) return this.wrap(now, parent, key);
      const kind = nodeKindOf(value);
      // The casts are true: an object of the tree is a node or an atom.
      if (kind === undefined) return this.loans.lend(value as AtomObject, parent, key);
      meta = stamp(value as StateNode, kind, parent, key);
    } else if (meta.parent === parent) meta.key = key;
    if (meta.transaction === this.#number) return this.#proxies[meta.slot];
    return this.#createProxy(value as StateNode, meta);
  }

  copied(node: StateNode): void {
    this.#applied.disorder.settleBelow(node);
  }

  /** What it holds of what is not in the tree, it has taken out itself. */
  mayMove(): boolean {
    return true;
  }

  #assertUnseen(what: string): void {
    if (!this.#applied.commits.isWatched(undefined)) return;
    refuseOrder(what, "it is committed, and asynchronous transactions are open");
  }

  #createProxy(node: StateNode, meta: NodeMeta): object {
    const { kind } = meta;
    const handler =
      kind === "object" ? this.#objects : (this.#others[kind] ??= HANDLERS[kind](this));
    const proxy = new Proxy(node, handler);
    meta.transaction = this.#number;
    meta.slot = this.#proxies.length;
    this.#proxies.push(proxy);
    return proxy;
  }
}

/** Each is given nodes of its own kind only. */
const HANDLERS = {
  object: objectHandler,
  array: arrayHandler,
  Map: mapHandler,
  Set: setHandler,
} as Record<NodeKind, (scope: Scope) => ProxyHandler<StateNode>>;

function refuseEnded(): never {
  throw new HoldfastError(
    "ENDED",
    "This state belongs to an action that is over: it was probably kept in a variable, a timer or " +
      "a promise. Read it from the state of the action that runs now, or keep a copy: unwrap(value).",
  );
}

function refuseOrder(what: string, why: string): never {
  throw new HoldfastError(
    "INTERNAL",
    `A transaction cannot be ${what}: ${why}. Transactions are undone last first.`,
  );
}
