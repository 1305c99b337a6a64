/** Up to here every way of copying an object is fast; counting its keys costs next to nothing. */
const SMALL_OBJECT_KEYS = 16;

/**
 * Objects that `Object.assign` copies as a block of memory, in V8: made by it or by `fromEntries`,
 * and given no key and robbed of none since. Object spread does so too, but only as long as the one
 * place in the code that spreads meets few shapes; and an object that was parsed, or was given a
 * key, is often a hash table inside, which is copied key by key, a hundred times slower.
 */
const blockCopied = new WeakSet<object>();

/** A shallow copy of a container of state: an array, a Map, a Set or a plain object. */
export function copyContainer<T extends object>(container: T): T {
  // True because each branch makes what it was given, and state holds no subclasses.
  return copy(container) as T;
}

/** To be told when a key was added to a copied object, or removed from it. */
export function reshaped(container: object): void {
  blockCopied.delete(container);
}

function copy(container: object): object {
  if (Array.isArray(container)) return container.slice();
  if (container instanceof Map) return new Map(container);
  if (container instanceof Set) return new Set(container);
  if (blockCopied.has(container)) return marked(Object.assign({}, container));
  if (Object.keys(container).length <= SMALL_OBJECT_KEYS) return { ...container };
  return marked(Object.fromEntries(Object.entries(container)));
}

function marked(container: object): object {
  blockCopied.add(container);
  return container;
}
