import type { Path, Primitive, Value } from "@holdfast/protocol";
import type { EntryOrder } from "./entry-order.ts";

/** The containers of the raw tree. The tree owns them and changes them in place. */
export type ObjectNode = Record<string, Value>;
export type ArrayNode = Value[];
export type MapNode = Map<Primitive, Value>;
export type SetNode = Set<Primitive>;
export type StateNode = ObjectNode | ArrayNode | MapNode | SetNode;

export type NodeKind = "object" | "array" | "Map" | "Set";

/** In a log record and in a comparison: nothing stands at this key. */
export const ABSENT: unique symbol = Symbol("absent");
export type Absent = typeof ABSENT;

/**
 * What is known of a node that an action has touched. A node that nobody has touched has none: no
 * proxy of it exists, and whoever reaches it comes through its parent.
 */
export class NodeMeta {
  readonly kind: NodeKind;
  /** The node that holds this one; `undefined` for the root and for a detached node. */
  parent: StateNode | undefined;
  /** The key in the parent; for an item of an array only a hint, put right when it is needed. */
  key: Primitive;
  /** The transaction whose proxy is at `slot`: a number, so that no ended transaction is kept. */
  transaction = 0;
  slot = 0;
  /** The order of a Map's or Set's entries, from the first deletion on that was undone, or so. */
  order: EntryOrder | undefined = undefined;
  /** How many of its keys were gone through for deletions without it. */
  searched = 0;

  constructor(kind: NodeKind, parent: StateNode | undefined, key: Primitive) {
    this.kind = kind;
    this.parent = parent;
    this.key = key;
  }
}

/**
 * Returns its argument as `this`, so that the subclass below puts its private field on an object
 * that it did not make. Iterating over stamped nodes is several times faster than asking a WeakMap,
 * and nothing of it shows: neither keys nor JSON nor a copy.
 */
class Foreign {
  constructor(node: object) {
    return node;
  }
}

class Stamp extends Foreign {
  readonly #meta: NodeMeta;

  constructor(node: object, meta: NodeMeta) {
    super(node);
    this.#meta = meta;
  }

  static of(node: object): NodeMeta | undefined {
    return #meta in node ? node.#meta : undefined;
  }
}

export function metaOf(node: object): NodeMeta | undefined {
  return Stamp.of(node);
}

/** The first touch of a node. */
export function stamp(
  node: StateNode,
  kind: NodeKind,
  parent: StateNode | undefined,
  key: Primitive,
): NodeMeta {
  const meta = new NodeMeta(kind, parent, key);
  new Stamp(node, meta);
  return meta;
}

/** What kind of node a value of the tree is; `undefined` for an atom. */
export function nodeKindOf(value: Value): NodeKind | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return "array";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return "object";
  if (prototype === Map.prototype) return "Map";
  return prototype === Set.prototype ? "Set" : undefined;
}

export function isNode(value: Value | Absent): value is Value & StateNode {
  return typeof value === "object" && nodeKindOf(value) !== undefined;
}

/** Tells a node, if `value` is a touched one, where it stands now. */
export function attach(value: Value | Absent, parent: StateNode, key: Primitive): void {
  if (typeof value !== "object" || value === null) return;
  const meta = Stamp.of(value);
  if (meta === undefined) return;
  meta.parent = parent;
  meta.key = key;
}

/** Tells a node, if `value` is a touched one, that it no longer stands in `parent`. */
export function detach(value: Value | Absent, parent: StateNode): void {
  if (typeof value !== "object" || value === null) return;
  const meta = Stamp.of(value);
  // One that has moved on since is still held by a detached `parent`, but no longer stands there.
  if (meta !== undefined && meta.parent === parent) meta.parent = undefined;
}

/** What a node holds, with its keys. A Set holds nothing that is not its key. */
export function entriesOf(node: StateNode): Iterable<[Primitive, Value]> {
  if (node instanceof Map || Array.isArray(node)) return node.entries();
  return node instanceof Set ? [] : Object.entries(node);
}

/** The node at the top: the root of the tree, or that of a part that was taken out. */
export function topOf(node: StateNode): StateNode {
  let top = node;
  for (let meta = Stamp.of(top); meta?.parent !== undefined; meta = Stamp.of(top))
    top = meta.parent;
  return top;
}

/** Whether `node` is `top`, or stands somewhere in it. */
export function isWithin(node: StateNode, top: StateNode): boolean {
  for (let at: StateNode | undefined = node; at !== undefined; at = Stamp.of(at)?.parent) {
    if (at === top) return true;
  }
  return false;
}

/** Where a node stands, from the top of the tree or of the detached part that it belongs to. */
export function pathOf(node: StateNode): Path {
  const path: Primitive[] = [];
  climb(node, path);
  return path;
}

/** Where a node stands, from `root`; `undefined` for a node that is not part of it. */
export function pathFrom(root: StateNode, node: StateNode): Primitive[] | undefined {
  const path: Primitive[] = [];
  return climb(node, path) === root ? path : undefined;
}

/** Fills in the path from the top to a node, and returns the top. */
function climb(node: StateNode, path: Primitive[]): StateNode {
  let top = node;
  for (let meta = Stamp.of(top); meta?.parent !== undefined; meta = Stamp.of(top)) {
    path.push(keyIn(meta.parent, top, meta));
    top = meta.parent;
  }
  path.reverse();
  return top;
}

/** The key of `child` in `parent`, which holds it. */
export function keyIn(parent: StateNode, child: StateNode, meta: NodeMeta): Primitive {
  if (!Array.isArray(parent)) return meta.key;
  // True because the hint of an array's item is an index.
  const hint = meta.key as number;
  if (parent[hint] !== child) findItem(parent, child, meta, hint);
  return meta.key;
}

/** How far from its hint an item usually is: a few insertions and removals before it. */
const NEAR = 32;

function findItem(items: ArrayNode, item: StateNode, meta: NodeMeta, hint: number): void {
  for (let distance = 1; distance <= NEAR; distance++) {
    if (items[hint - distance] === item) meta.key = hint - distance;
    else if (items[hint + distance] === item) meta.key = hint + distance;
    else continue;
    return;
  }
  // Much has moved, so more hints are wrong: one pass for all is cheaper than a search for each.
  for (let index = 0; index < items.length; index++) {
    const other = items[index];
    if (typeof other !== "object" || other === null) continue;
    const otherMeta = Stamp.of(other);
    if (otherMeta !== undefined && otherMeta.parent === items) otherMeta.key = index;
  }
}
