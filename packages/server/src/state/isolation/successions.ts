import type { Primitive, Value } from "@holdfast/protocol";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import { ABSENT, isNode, keyIn, metaOf, nodeKindOf } from "../node.ts";
import type { Absent, StateNode } from "../node.ts";
import { valueAt } from "./value-at.ts";

/**
 * Which node took the place of which: whoever writes `state.cells = { ...state.cells, a: 1 }` has
 * changed `cells.a` for a handler that has read it in the object that is gone.
 */
export class Successions {
  readonly #successions = new WeakMap<StateNode, Succession>();
  readonly #successors = new WeakMap<StateNode, StateNode>();

  /** Takes note of the writes of a commit, which are in the tree. */
  record(writes: readonly Write[], number: number): void {
    for (const write of writes) {
      if (write instanceof FieldWrite || write instanceof EntryWrite) {
        // Deleted, and perhaps set again.
        const isOver = write.after === ABSENT && !Array.isArray(write.node);
        this.#link(write.before, isOver ? valueAt(write.node, write.key) : write.after, number);
      } else if (write instanceof SpliceWrite) {
        for (const [at, before] of write.removed.entries()) {
          this.#link(before, write.inserted[at], number);
        }
      }
    }
  }

  /** The number of the commit that put a node where another one had stood; 0 for none. */
  commitOf(node: StateNode): number {
    return this.#successions.get(node)?.number ?? 0;
  }

  /** What stood where a node stands, before it or what holds it was replaced; newest first. */
  pastsOf(node: StateNode): Past[] {
    const pasts = new Map<StateNode, Past>();
    const seen = new Map<StateNode, Set<number>>();
    const open: Place[] = [{ top: node, way: [] }];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      for (let at: Place | undefined = place; at !== undefined; at = above(at)) {
        if (!isFirst(seen, at)) break;
        const past = this.#successions.get(at.top)?.past;
        if (past === undefined || !isTop(past)) continue;
        const holders = descend(past, at.way);
        const found = holders?.at(-1);
        open.push({ top: past, way: at.way });
        if (holders === undefined || found === undefined || pasts.has(found)) continue;
        pasts.set(found, { node: found, holders });
        open.push({ top: found, way: [] });
      }
    }
    return [...pasts.values()];
  }

  /** What stands now where a node stood that is gone. */
  successorOf(node: StateNode): StateNode | undefined {
    const seen = new Set<StateNode>([node]);
    let last: StateNode | undefined;
    for (let next = this.#nextOf(node); next !== undefined; next = this.#nextOf(next)) {
      if (seen.has(next)) break;
      seen.add(next);
      last = next;
    }
    return last;
  }

  #nextOf(node: StateNode): StateNode | undefined {
    for (let at: Place | undefined = { top: node, way: [] }; at !== undefined; at = above(at)) {
      const successor = this.#successors.get(at.top);
      if (successor === undefined) continue;
      const next = descend(successor, at.way)?.at(-1);
      // An item that has moved up in the list that took the place of its own is no successor.
      const isMoved = Array.isArray(at.top) && at.top.includes(next as Value);
      return isMoved ? undefined : next;
    }
    return undefined;
  }

  #link(before: Value | Absent, after: Value | Absent, number: number): void {
    if (before === after || !isNode(before) || !isNode(after)) return;
    if (nodeKindOf(before) !== nodeKindOf(after) || !isTop(before)) return;
    this.#successions.set(after, { past: before, number });
    this.#successors.set(before, after);
    this.#successors.delete(after);
  }
}

interface Succession {
  readonly past: StateNode;
  readonly number: number;
}

/** A node that is gone from where another one stands now. */
export interface Past {
  readonly node: StateNode;
  /** The nodes on the way to it from the one that was replaced; itself is the last. */
  readonly holders: readonly StateNode[];
}

/** The node that is reached from `top` by these keys. */
interface Place {
  readonly top: StateNode;
  readonly way: readonly Primitive[];
}

function above({ top, way }: Place): Place | undefined {
  const meta = metaOf(top);
  if (meta?.parent === undefined) return undefined;
  return { top: meta.parent, way: [keyIn(meta.parent, top, meta), ...way] };
}

/**
 * Held by nothing. A node that was taken out may have come back, even inside what took its place:
 * it is no past any more, and a search that went on through it would never end.
 */
function isTop(node: StateNode): boolean {
  return metaOf(node)?.parent === undefined;
}

function isFirst(seen: Map<StateNode, Set<number>>, { top, way }: Place): boolean {
  let depths = seen.get(top);
  if (depths === undefined) seen.set(top, (depths = new Set()));
  if (depths.has(way.length)) return false;
  depths.add(way.length);
  return true;
}

function descend(top: StateNode, way: readonly Primitive[]): StateNode[] | undefined {
  const nodes = [top];
  let node = top;
  for (const key of way) {
    const value = valueAt(node, key);
    if (!isNode(value)) return undefined;
    node = value;
    nodes.push(node);
  }
  return nodes;
}
