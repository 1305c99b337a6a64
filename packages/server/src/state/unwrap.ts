import type { Value } from "@holdfast/protocol";
import { copyNode } from "./copy-node.ts";
import { nodeKindOf } from "./node.ts";
import { scopeOf, targetOf } from "./tracked.ts";

/**
 * A plain copy of tracked state, as it is now: to keep beyond the action, to send, to hand to
 * `structuredClone`. Plain objects, arrays and Maps that hold tracked state somewhere inside are
 * copied as far as needed; anything else comes back as it is.
 *
 * @throws HoldfastError `ENDED` for state of an action that is over.
 * @example const draft = unwrap(state.draft);
 */
export function unwrap<T>(value: T): T {
  // True because a copy has the type of what it copies.
  return unwrapAny(value, new Map()) as T;
}

function unwrapAny(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const node = targetOf(value);
  if (node !== undefined) {
    const scope = scopeOf(value);
    scope.copied(node);
    return copyNode(node as Value, {
      scope,
      depth: 0,
      limit: Infinity,
      path: () => [],
    });
  }
  // A plain value may hold itself, or something twice.
  if (seen.has(value)) return seen.get(value);
  seen.set(value, value);
  const unwrapped = unwrapInside(value, seen);
  seen.set(value, unwrapped);
  return unwrapped;
}

/** The casts are true because the kind says so. */
function unwrapInside(value: object, seen: Map<object, unknown>): unknown {
  switch (nodeKindOf(value as Value)) {
    case "array": {
      const items = value as readonly unknown[];
      const inner = items.map((item) => unwrapAny(item, seen));
      return inner.some((item, index) => !Object.is(item, items[index])) ? inner : value;
    }
    case "object": {
      const entries = Object.entries(value);
      const inner = entries.map(([key, child]) => [key, unwrapAny(child, seen)] as const);
      const isSame = inner.every(([, child], index) => Object.is(child, entries[index]?.[1]));
      return isSame ? value : Object.fromEntries(inner);
    }
    case "Map": {
      const map = value as ReadonlyMap<unknown, unknown>;
      const inner = new Map([...map].map(([key, child]) => [key, unwrapAny(child, seen)]));
      return [...map].every(([key, child]) => Object.is(inner.get(key), child)) ? value : inner;
    }
    default:
      return value;
  }
}
