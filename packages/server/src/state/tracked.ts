import type { Primitive, Value } from "@holdfast/protocol";
import type { Loans } from "./loans.ts";
import type { UndoLog } from "./log/undo-log.ts";
import type { Absent, StateNode } from "./node.ts";

/** A plain value that was assigned, and where its copy went; an index is where to look first. */
export interface Origin {
  readonly value: object;
  readonly node: StateNode;
  readonly key: Primitive;
}

/** What a proxy knows of the transaction that it belongs to. */
export interface Scope {
  readonly root: StateNode;
  /** Deepest nesting that the state may have. */
  readonly depth: number;
  /** Largest string, key or typed array, in encoded bytes. */
  readonly atomBytes: number;
  readonly log: UndoLog;
  readonly loans: Loans;
  /** @throws HoldfastError `ENDED` */
  assertActive(): void;
  /** Whether it is the copy of a Date, URL or typed array that the action was handed out. */
  isLent(value: object): boolean;
  /** `copy`, which nobody has seen, is of a plain value that the action may still change. */
  follow(copy: object, origin: Origin): void;
  /**
   * What `clone` makes of the plain value that `copy` is one of, if the action has changed that since,
   * and has not seen the copy.
   */
  copyAgain(copy: object, clone: (value: object) => Value): Value | undefined;
  /** Brings into the tree what the action did to copies that it holds, and to what it assigned. */
  settle(): void;
  /** A node is copied, or handed out raw: all that it holds is read. */
  copied(node: StateNode): void;
  /** Whether a part that is not in the tree, by the node at its top, may be put back into it. */
  mayMove(top: StateNode): boolean;
  /** Whether `tracked` is the proxy of `node` that this transaction hands out. */
  isOwn(node: StateNode, tracked: object): boolean;
  /** A write that changes nothing; asked for only where it matters that it was made. */
  readonly idle?: ((node: StateNode, key: Primitive) => void) | undefined;
  /** A value of the tree as the action sees it: the proxy of a node, the copy of an atom. */
  wrap(value: Value, parent: StateNode | undefined, key: Primitive): unknown;
}

/** Asked of a proxy, gives the raw node behind it. No own symbol of anybody's can be the same. */
export const TARGET: unique symbol = Symbol("holdfast target");
/** Asked of a proxy, gives its `Scope`. */
export const SCOPE: unique symbol = Symbol("holdfast scope");

/** The raw node behind a tracked value; `undefined` for any other value. */
export function targetOf(value: unknown): StateNode | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  // True because only proxies of this tracker answer to the symbol.
  return (value as { readonly [TARGET]?: StateNode })[TARGET];
}

/** The transaction of a tracked value. */
export function scopeOf(tracked: object): Scope {
  // True because only proxies of this tracker are asked.
  return (tracked as { readonly [SCOPE]: Scope })[SCOPE];
}

/** What an action reads at a place and assigns to it again: nothing changes, it stands there. */
export function standsThere(scope: Scope, value: unknown, before: Value | Absent): boolean {
  if (typeof value !== "object" || value === null || typeof before !== "object") return false;
  return (targetOf(value) ?? scope.loans.originalOf(value)) === before;
}
