import {
  formatPath,
  HoldfastError,
  type Path,
  type Primitive,
  type Value,
} from "@holdfast/protocol";
import { ClearWrite } from "./log/clear-write.ts";
import { EntryWrite } from "./log/entry-write.ts";
import { FieldWrite } from "./log/field-write.ts";
import { TouchWrite } from "./log/touch-write.ts";
import type { Write } from "./log/write.ts";
import { type NodeKind, nodeKindOf, pathFrom, pathOf, type StateNode } from "./node.ts";

/** A container that a place can be in. Places in arrays are no lasting ones. */
export type PlaceKind = Exclude<NodeKind, "array">;

/** One place that an action has written: a field, a Map's entry, a Set's member. */
export interface WrittenPlace {
  readonly path: Path;
  /** What the containers on the way are, from the root on: as many as the path has segments. */
  readonly kinds: readonly PlaceKind[];
  /** What stands there now, raw; `undefined` where it was removed. */
  readonly now: { readonly value: Value } | undefined;
}

/**
 * The places that an action has written, each with what stands there now, so that it can be done
 * again on another state. What lies under a place that was written whole is not listed by itself.
 *
 * @throws HoldfastError `KEY_CHANGE_WRITE` for a write at a position of an array: on another state,
 * something else would stand there
 */
export function writtenPlaces(writes: readonly Write[], root: StateNode): WrittenPlace[] {
  const written = placesOf(writes);
  const places: WrittenPlace[] = [];
  for (const [node, keys] of written) {
    const path = pathFrom(root, node);
    // No longer part of the state.
    if (!path) continue;
    const kinds = wayTo(root, path, written);
    if (!kinds) continue;
    const kind = nodeKindOf(node as Value) as NodeKind;
    if (kind === "array") refuseArray(node);
    for (const key of keys) {
      places.push({ path: [...path, key], kinds: [...kinds, kind], now: standing(node, key) });
    }
  }
  return places;
}

/** Every node that was written to, with the keys; for an array, which keys does not matter. */
function placesOf(writes: readonly Write[]): Map<StateNode, Set<Primitive>> {
  const written = new Map<StateNode, Set<Primitive>>();
  for (const write of writes) {
    const node = write instanceof TouchWrite ? write.touched : write.node;
    if (!node) continue;
    let keys = written.get(node);
    if (!keys) written.set(node, (keys = new Set()));
    if (write instanceof FieldWrite || write instanceof EntryWrite) keys.add(write.key);
    else if (write instanceof ClearWrite) for (const [key] of write.entries) keys.add(key);
    else if (write instanceof TouchWrite && write.place) keys.add(write.place.key);
  }
  return written;
}

/**
 * The kinds of the containers above the node at `path`; `undefined` where a place on the way was
 * written itself, and holds it all.
 */
function wayTo(
  root: StateNode,
  path: Path,
  written: ReadonlyMap<StateNode, ReadonlySet<Primitive>>,
): PlaceKind[] | undefined {
  const kinds: PlaceKind[] = [];
  let array: StateNode | undefined;
  let node = root;
  for (const key of path) {
    const kind = nodeKindOf(node as Value) as NodeKind;
    if (kind === "array") array ??= node;
    else {
      if (written.get(node)?.has(key)) return undefined;
      kinds.push(kind);
    }
    // `pathFrom` has found it there.
    node = (standing(node, key) as { readonly value: Value }).value as StateNode;
  }
  if (array) refuseArray(array);
  return kinds;
}

function standing(node: StateNode, key: Primitive): { readonly value: Value } | undefined {
  if (node instanceof Map) return node.has(key) ? { value: node.get(key) as Value } : undefined;
  if (node instanceof Set) return node.has(key) ? { value: key } : undefined;
  // True because the keys of objects are strings, and those of arrays are read like them.
  const fields = node as Readonly<Record<string, Value>>;
  const name = String(key);
  return Object.hasOwn(fields, name) ? { value: fields[name] as Value } : undefined;
}

function refuseArray(node: StateNode): never {
  throw new HoldfastError(
    "KEY_CHANGE_WRITE",
    `The action changes the key of its module, and wrote at a position of the array at ${formatPath(pathOf(node))}. Under the other key, something else stands there. Assign the whole array: state.items = [...state.items, item].`,
  );
}
