import type { Primitive } from "@holdfast/protocol";
import { inOrder } from "../in-order.ts";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { ABSENT } from "../node.ts";
import type { SetNode } from "../node.ts";
import { scopeOf, TARGET } from "../tracked.ts";
import { assertEntryKey } from "./assert-entry-key.ts";
import { WrappingIterator } from "./wrapping-iterator.ts";

/** A tracked Set, as its methods get it for `this`. */
interface TrackedSet extends Set<unknown> {
  readonly [TARGET]: SetNode;
}

type Visitor = (this: unknown, member: unknown, again: unknown, set: TrackedSet) => void;

/** The methods of a tracked Set. They run on the raw one; what they combine is a plain Set. */
export const SET_METHODS = {
  has(this: TrackedSet, member: Primitive): boolean {
    return this[TARGET].has(member);
  },

  add(this: TrackedSet, member: unknown): TrackedSet {
    const node = this[TARGET];
    const scope = scopeOf(this);
    const known = assertEntryKey(scope, node, member);
    if (node.has(known)) scope.idle?.(node, known);
    else scope.log.run(new EntryWrite(node, known, ABSENT, known));
    return this;
  },

  delete(this: TrackedSet, member: Primitive): boolean {
    const node = this[TARGET];
    if (!node.has(member)) {
      scopeOf(this).idle?.(node, member);
      return false;
    }
    scopeOf(this).log.run(new EntryWrite(node, member, member, ABSENT));
    return true;
  },

  clear(this: TrackedSet): void {
    const node = this[TARGET];
    if (node.size > 0) scopeOf(this).log.run(new ClearWrite(inOrder(node)));
  },

  forEach(this: TrackedSet, visit: Visitor, self?: unknown): void {
    inOrder(this[TARGET]).forEach((member) => visit.call(self, member, member, this));
  },

  // The members are the keys of a Set.
  keys: values as (this: TrackedSet) => IterableIterator<unknown>,
  values: values as (this: TrackedSet) => IterableIterator<unknown>,

  entries(this: TrackedSet): IterableIterator<[unknown, unknown]> {
    return new WrappingIterator(scopeOf(this), inOrder(this[TARGET]).entries(), (entry) => entry);
  },

  union(this: TrackedSet, other: ReadonlySetLike<unknown>): Set<unknown> {
    return inOrder(this[TARGET]).union(other);
  },

  intersection(this: TrackedSet, other: ReadonlySetLike<unknown>): Set<unknown> {
    return inOrder(this[TARGET]).intersection(other);
  },

  difference(this: TrackedSet, other: ReadonlySetLike<unknown>): Set<unknown> {
    return inOrder(this[TARGET]).difference(other);
  },

  symmetricDifference(this: TrackedSet, other: ReadonlySetLike<unknown>): Set<unknown> {
    return inOrder(this[TARGET]).symmetricDifference(other);
  },

  isSubsetOf(this: TrackedSet, other: ReadonlySetLike<unknown>): boolean {
    return this[TARGET].isSubsetOf(other);
  },

  isSupersetOf(this: TrackedSet, other: ReadonlySetLike<unknown>): boolean {
    return this[TARGET].isSupersetOf(other);
  },

  isDisjointFrom(this: TrackedSet, other: ReadonlySetLike<unknown>): boolean {
    return this[TARGET].isDisjointFrom(other);
  },
} as const;

function values(this: TrackedSet): IterableIterator<unknown> {
  return new WrappingIterator(scopeOf(this), inOrder(this[TARGET]).values(), (member) => member);
}
