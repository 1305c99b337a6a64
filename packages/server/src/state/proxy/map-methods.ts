import type { Primitive, Value } from "@holdfast/protocol";
import { inOrder } from "../in-order.ts";
import { Intake } from "../intake.ts";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { ABSENT, isNode } from "../node.ts";
import type { MapNode } from "../node.ts";
import { scopeOf, standsThere, TARGET } from "../tracked.ts";
import { assertEntryKey } from "./assert-entry-key.ts";
import { WrappingIterator } from "./wrapping-iterator.ts";

/** A tracked Map, as its methods get it for `this`. */
interface TrackedMap extends Map<unknown, unknown> {
  readonly [TARGET]: MapNode;
}

type Visitor = (this: unknown, value: unknown, key: unknown, map: TrackedMap) => void;

/** The methods of a tracked Map. They run on the raw one. */
export const MAP_METHODS = {
  get(this: TrackedMap, key: Primitive): unknown {
    const node = this[TARGET];
    return scopeOf(this).wrap(node.get(key), node, key);
  },

  has(this: TrackedMap, key: Primitive): boolean {
    return this[TARGET].has(key);
  },

  set(this: TrackedMap, key: unknown, value: unknown): TrackedMap {
    const node = this[TARGET];
    const scope = scopeOf(this);
    const known = assertEntryKey(scope, node, key);
    const before = node.has(known) ? node.get(known) : ABSENT;
    if (standsThere(scope, value, before)) {
      scope.idle?.(node, known);
      return this;
    }
    const intake = new Intake(scope, node, isNode(before) ? before : undefined);
    const after = intake.take(value, known);
    intake.commit();
    const present = node.has(known) ? node.get(known) : ABSENT;
    if (Object.is(present, after)) scope.idle?.(node, known);
    else scope.log.run(new EntryWrite(node, known, present, after));
    return this;
  },

  getOrInsert(this: TrackedMap, key: unknown, value: unknown): unknown {
    return getOrInsert(this, key, () => value);
  },

  getOrInsertComputed(this: TrackedMap, key: unknown, compute: (key: unknown) => unknown): unknown {
    return getOrInsert(this, key, compute);
  },

  delete(this: TrackedMap, key: Primitive): boolean {
    const node = this[TARGET];
    if (!node.has(key)) {
      scopeOf(this).idle?.(node, key);
      return false;
    }
    scopeOf(this).log.run(new EntryWrite(node, key, node.get(key), ABSENT));
    return true;
  },

  clear(this: TrackedMap): void {
    const node = this[TARGET];
    if (node.size > 0) scopeOf(this).log.run(new ClearWrite(inOrder(node)));
  },

  forEach(this: TrackedMap, visit: Visitor, self?: unknown): void {
    const scope = scopeOf(this);
    const node = this[TARGET];
    inOrder(node).forEach((value, key) =>
      visit.call(self, scope.wrap(value, node, key), key, this),
    );
  },

  keys(this: TrackedMap): IterableIterator<unknown> {
    return new WrappingIterator(scopeOf(this), inOrder(this[TARGET]).keys(), (key) => key);
  },

  values(this: TrackedMap): IterableIterator<unknown> {
    const scope = scopeOf(this);
    const node = this[TARGET];
    return new WrappingIterator(scope, inOrder(node).entries(), ([key, value]) =>
      scope.wrap(value, node, key),
    );
  },

  entries(this: TrackedMap): IterableIterator<[unknown, unknown]> {
    const scope = scopeOf(this);
    const node = this[TARGET];
    return new WrappingIterator<[Primitive, Value], [unknown, unknown]>(
      scope,
      inOrder(node).entries(),
      ([key, value]) => [key, scope.wrap(value, node, key)],
    );
  },
} as const;

function getOrInsert(map: TrackedMap, key: unknown, compute: (key: unknown) => unknown): unknown {
  const node = map[TARGET];
  const known = assertEntryKey(scopeOf(map), node, key);
  // The callback may set the key itself; as natively, its result wins then.
  if (!node.has(known)) MAP_METHODS.set.call(map, known, compute(known));
  return MAP_METHODS.get.call(map, known);
}
