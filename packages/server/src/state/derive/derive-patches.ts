import type { Limits, Patch, Path, Primitive, Value } from "@holdfast/protocol";
import { FieldWrite } from "../log/field-write.ts";
import type { Write } from "../log/write.ts";
import { ABSENT, entriesOf, isNode, keyIn, metaOf, nodeKindOf, pathFrom } from "../node.ts";
import type { Absent, ArrayNode, MapNode, ObjectNode, SetNode, StateNode } from "../node.ts";
import { comparedArrayPatches, writtenArrayPatches } from "./array-patches.ts";
import type { Handled } from "./array-patches.ts";
import { Base } from "./base.ts";
import type { Comparer } from "./comparer.ts";
import { comparedEntryPatches, writtenEntryPatches } from "./entry-patches.ts";
import { isEqual } from "./is-equal.ts";
import { PatchList } from "./patch-list.ts";
import type { Mark } from "./patch-list.ts";
import { placePatch } from "./place-patch.ts";
import { sizeOf } from "./size-of.ts";

/**
 * What the writes of a transaction come to: for every place that differs, the shortest patches that
 * are found without looking at what did not change. They apply in order; ancestors come first, and
 * paths are those of the final state.
 *
 * The tree is descended from the root along the nodes that were written to. At each of them the
 * content at the beginning is held against the content now: so whatever cancels out is not there to
 * be seen, and what lies under a value that is sent whole is never reached.
 */
export function derivePatches(
  writes: readonly Write[],
  root: StateNode,
  limits: Pick<Limits, "pathSegments" | "valueBytes">,
): Patch[] {
  if (writes.length === 0) return [];
  const node = writes[0]?.node;
  // Most actions write to one node: nothing above it has to be looked at.
  if (node !== undefined && isOnlyNode(node, writes)) {
    const path = pathFrom(root, node);
    if (path === undefined) return [];
    if (path.length < limits.pathSegments && !path.includes(UNSPEAKABLE)) {
      return fieldPatches(writes, path) ?? new Derivation(writes, path, limits).run(node);
    }
  }
  return new Derivation(writes, [], limits).run(root);
}

function isOnlyNode(node: StateNode, writes: readonly Write[]): boolean {
  for (const write of writes) if (write.node !== node) return false;
  return true;
}

/**
 * The commonest action of all: one field was written, and holds nothing that could be compared.
 *
 * @param path of the node; where there is a patch it becomes that of the field
 */
function fieldPatches(writes: readonly Write[], path: Primitive[]): Patch[] | undefined {
  const [write] = writes;
  // Writes that follow each other on one field are one.
  if (writes.length > 1 || !(write instanceof FieldWrite)) return undefined;
  const { node, key, before } = write;
  // True because a field of an array is an index.
  const after = Object.hasOwn(node, key) ? (node as ObjectNode)[key] : ABSENT;
  if (isNode(before) && isNode(after)) return undefined;
  path.push(key);
  const patch = placePatch(path, before, after);
  return patch === undefined ? [] : [patch];
}

/** A Map may have this key, but no path may hold it. */
const UNSPEAKABLE = "__proto__";

export class Derivation implements Comparer {
  readonly list: PatchList;
  readonly base: Base;
  readonly #limits: Pick<Limits, "pathSegments" | "valueBytes">;
  /** The nodes on the way to those that were written to, with the next ones on that way. */
  readonly #ways = new Map<StateNode, Set<StateNode>>();

  constructor(
    writes: readonly Write[],
    path: Path,
    limits: Pick<Limits, "pathSegments" | "valueBytes">,
  ) {
    this.list = new PatchList(path);
    this.base = new Base(writes);
    this.#limits = limits;
  }

  run(top: StateNode): Patch[] {
    for (const node of this.base.nodes) this.#markWay(node, top);
    this.#visit(top);
    return this.list.patches;
  }

  compare(before: Value | Absent, after: Value | Absent): void {
    if (isNode(before) && isNode(after)) {
      if (before === after) {
        if (this.hasChanged(after)) this.#visit(after);
        return;
      }
      if (nodeKindOf(before) === nodeKindOf(after)) {
        this.#compareNodes(before, after);
        return;
      }
    }
    this.list.change(before, after);
  }

  hasChanged(node: StateNode): boolean {
    return this.#ways.has(node) || this.base.writesTo(node).length > 0;
  }

  isSame(before: Value, after: Value): boolean {
    return Object.is(before, after) || isEqual(this, before, after);
  }

  /** A node that stands where it stood: its own writes, then the nodes below it. */
  #visit(node: StateNode): void {
    const mark = this.list.mark();
    const isWritten = this.base.writesTo(node).length > 0;
    if (Array.isArray(node)) {
      this.#visitItems(node, isWritten ? writtenArrayPatches(this, node) : new Set());
    } else if (node instanceof Map || node instanceof Set) {
      this.#visitBelow(node, isWritten ? writtenEntryPatches(this, node) : NONE);
    } else this.#visitBelow(node, isWritten ? this.#writtenFields(node) : NONE);
    this.#shorten(node, mark);
  }

  #writtenFields(node: ObjectNode): ReadonlyMap<Primitive, Value | Absent> {
    const touched = new Map<string, Value | Absent>();
    for (const write of this.base.writesTo(node)) {
      // True because objects are written to by field only, under string keys.
      const { key, before } = write as FieldWrite & { readonly key: string };
      if (!touched.has(key)) touched.set(key, before);
    }
    for (const [key, before] of touched) {
      const after = Object.hasOwn(node, key) ? node[key] : ABSENT;
      this.list.within(key, () => this.compare(before, after));
    }
    return touched;
  }

  /** Another node of the same kind stands where `before` stood. */
  #compareNodes(before: StateNode, after: StateNode): void {
    const mark = this.list.mark();
    // The casts below are true because both are of the same kind.
    const count = this.base.writesTo(before).length === 0 ? countOf(before) : 0;
    // Not worth comparing: most of what was there is gone.
    if (sizeOf(after as Value, count) < count) {
      this.list.replace(after as Value);
      return;
    }
    if (Array.isArray(after)) {
      const items = this.base.itemsOf(before as ArrayNode);
      this.#visitItems(after, comparedArrayPatches(this, items, after));
    } else if (after instanceof Map || after instanceof Set) {
      comparedEntryPatches(this, this.base.entriesOf(before as MapNode | SetNode), after);
    } else this.#compareFields(this.base.fieldsOf(before as ObjectNode), after);
    this.#shorten(after, mark);
  }

  #compareFields(before: ObjectNode, after: ObjectNode): void {
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(after, key)) this.list.within(key, () => this.list.remove());
    }
    for (const key of Object.keys(after)) {
      const known = Object.hasOwn(before, key) ? before[key] : ABSENT;
      this.list.within(key, () => this.compare(known, after[key]));
    }
  }

  #visitItems(node: ArrayNode, handled: Handled): void {
    for (const child of this.#ways.get(node) ?? []) {
      if (!handled.has(child)) this.#visitChild(node, child);
    }
  }

  #visitBelow(node: StateNode, touched: ReadonlyMap<Primitive, unknown>): void {
    for (const child of this.#ways.get(node) ?? []) {
      if (!touched.has(metaOf(child)?.key)) this.#visitChild(node, child);
    }
  }

  #visitChild(node: StateNode, child: StateNode): void {
    const meta = metaOf(child);
    // Every node on the way to a written one was touched.
    if (meta === undefined) return;
    this.list.within(keyIn(node, child, meta), () => this.#visit(child));
  }

  /** One `replace` instead of patches that cost more, or that no path can speak of. */
  #shorten(node: StateNode, mark: Mark): void {
    const { list } = this;
    const count = list.patches.length - mark.count;
    if (count === 0) return;
    const cost = list.costSince(mark);
    if (!this.#isUnspeakable(node, mark)) {
      // What these name is all in the value as well.
      const { op } = list.patches[mark.count] ?? {};
      if (count === 1 && op !== "order" && op !== "members") return;
      const whole = list.costOfReplace(node as Value, cost);
      const isWorthIt = cost > whole + (holdsNodes(node) ? IDENTITY_BYTES : 0);
      if (!isWorthIt || whole > this.#limits.valueBytes / 2) return;
    }
    list.cut(mark);
    list.replace(node as Value);
  }

  #isUnspeakable(node: StateNode, mark: Mark): boolean {
    const { depth, patches } = this.list;
    const isLast = depth === this.#limits.pathSegments;
    if (!isLast && !(node instanceof Map)) return false;
    return patches.some((patch, index) => {
      if (index < mark.count) return false;
      return patch.path[depth] === UNSPEAKABLE || (isLast && patch.path.length > depth);
    });
  }

  #markWay(node: StateNode, top: StateNode): void {
    let child = node;
    while (child !== top) {
      const parent = metaOf(child)?.parent;
      if (parent === undefined) return;
      const children = this.#ways.get(parent);
      if (children?.has(child)) return;
      if (children === undefined) this.#ways.set(parent, new Set([child]));
      else children.add(child);
      child = parent;
    }
  }
}

/**
 * What it is worth that the untouched nodes inside a changed one keep their identity for clients: a
 * replacement has to save more.
 */
const IDENTITY_BYTES = 128;

function holdsNodes(node: StateNode): boolean {
  for (const [, child] of entriesOf(node)) if (isNode(child)) return true;
  return false;
}

const NONE: ReadonlyMap<Primitive, unknown> = new Map();

function countOf(node: StateNode): number {
  if (Array.isArray(node)) return node.length;
  if (node instanceof Map || node instanceof Set) return node.size;
  return Object.keys(node).length;
}
