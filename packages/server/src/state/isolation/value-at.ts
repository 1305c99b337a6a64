import type { Primitive, Value } from "@holdfast/protocol";
import { ABSENT } from "../node.ts";
import type { Absent, StateNode } from "../node.ts";

/** What stands at a key of a node: a field, an item, an entry, a member. */
export function valueAt(node: StateNode, key: Primitive): Value | Absent {
  if (node instanceof Map) return node.has(key) ? node.get(key) : ABSENT;
  if (node instanceof Set) return node.has(key) ? key : ABSENT;
  // True because keys of objects are strings, and those of arrays indices.
  const field = key as string;
  return Object.hasOwn(node, field) ? (node as Record<string, Value>)[field] : ABSENT;
}
