/** Up to here spread is fast, whatever the objects; counting their keys costs next to nothing. */
const SMALL_OBJECT_KEYS = 16;
/** V8 keeps objects of more keys as hash tables. */
const BLOCK_OBJECT_KEYS = 1_000;
/** An object whose keys stayed the same for so many copies is worth the price of rebuilding it. */
const STEADY_COPIES = 8;

/**
 * How many copies ago the keys of an object changed, up to `STEADY_COPIES + 1`: from there on it is
 * of a kind that V8 copies as one block of memory, by `Object.assign`.
 *
 * Why all this: a large object that was parsed, or that was given or robbed of a key, is a hash
 * table inside and copied key by key; so are all large ones that spread meets where it has met
 * many shapes. As a block it is copied many times faster (bench/client.ts). Rebuilding it for that
 * costs as much as several copies, and losing it with the next key that comes or goes even
 * more, so it is done only for keys that have stayed for a while.
 */
const steadiness = new WeakMap<object, number>();

/** A shallow copy of a container of state: an array, a Map, a Set or a plain object. */
export function copyContainer<T extends object>(container: T): T {
  // True because each branch makes what it was given, and state holds no subclasses.
  return copy(container) as T;
}

/** To be told when a key was added to a copied object, or removed from it. */
export function keysChanged(container: object): void {
  steadiness.delete(container);
}

function copy(container: object): object {
  if (Array.isArray(container)) return container.slice();
  if (container instanceof Map) return new Map(container);
  if (container instanceof Set) return new Set(container);
  // True because only plain objects are left.
  return copyObject(container as Record<string, unknown>);
}

function copyObject(object: Record<string, unknown>): object {
  const copies = steadiness.get(object) ?? 0;
  if (copies > STEADY_COPIES) return remembered(Object.assign({}, object), copies);
  const keys = Object.keys(object);
  if (keys.length <= SMALL_OBJECT_KEYS) return { ...object };
  if (keys.length > BLOCK_OBJECT_KEYS) return copyByKey(object, keys);
  const next =
    copies === STEADY_COPIES ? Object.fromEntries(Object.entries(object)) : copyByKey(object, keys);
  return remembered(next, copies + 1);
}

function copyByKey(object: Record<string, unknown>, keys: readonly string[]): object {
  const next: Record<string, unknown> = {};
  for (const key of keys) next[key] = object[key];
  return next;
}

function remembered(object: object, copies: number): object {
  steadiness.set(object, copies);
  return object;
}
