import { scopeOf, targetOf } from "./tracked.ts";

/** The same, with nothing to write to. */
export type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends Map<infer Key, infer Item>
    ? ReadonlyMap<Key, DeepReadonly<Item>>
    : T extends Set<infer Member>
      ? ReadonlySet<Member>
      : T extends Date | URL | RegExp | ArrayBufferView
        ? T
        : T extends object
          ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
          : T;

/**
 * The raw value behind tracked state, without copying: for reading much of it at full speed. It is
 * live, and no change made through it would be noticed: only read it, and not beyond the action.
 * Anything that is not tracked comes back as it is.
 *
 * @throws HoldfastError `ENDED` for state of an action that is over.
 * @example const total = raw(state.orders).reduce((sum, order) => sum + order.amount, 0);
 */
export function raw<T>(tracked: T): DeepReadonly<T> {
  const node = targetOf(tracked);
  // The casts are true because the raw value is of the type that the tracked one pretends to be.
  if (node === undefined) return tracked as DeepReadonly<T>;
  const scope = scopeOf(tracked as T & object);
  scope.settle();
  scope.copied(node);
  return node as DeepReadonly<T>;
}
