import type { Patch, Path } from "@holdfast/protocol";
import { inOrder } from "./in-order.ts";
import { isWithin, pathFrom } from "./node.ts";
import type { MapNode, SetNode, StateNode } from "./node.ts";

/**
 * The Maps and Sets of a tree in which an undo has put entries back at the end that belong further
 * up: nothing else can be done with a Map at the cost of one entry. They are put in order when
 * somebody looks at their order; most are not, before the same deletion is made again.
 */
export class Disorder {
  readonly #nodes = new Set<MapNode | SetNode>();

  add(node: MapNode | SetNode): void {
    this.#nodes.add(node);
  }

  /** Puts all of them in order. */
  settle(): void {
    if (this.#nodes.size === 0) return;
    for (const node of this.#nodes) inOrder(node);
    this.#nodes.clear();
  }

  /** Puts those in order that stand in a node, which is about to be looked at as a whole. */
  settleBelow(top: StateNode): void {
    for (const node of this.#nodes) if (isWithin(node, top)) this.#settle(node);
  }

  /** Puts those in order that patches send as part of a whole value. Returns the patches. */
  settleIn(patches: Patch[], root: StateNode): Patch[] {
    for (const node of this.#nodes) {
      const path = pathFrom(root, node);
      if (path !== undefined && patches.some((patch) => holds(patch, path))) this.#settle(node);
    }
    return patches;
  }

  #settle(node: MapNode | SetNode): void {
    inOrder(node);
    this.#nodes.delete(node);
  }
}

/** Whether a patch may hold the value that stands at a path. */
function holds({ op, path }: Patch, whole: Path): boolean {
  if (op !== "add" && op !== "replace" && op !== "splice") return false;
  return path.length <= whole.length && path.every((key, at) => Object.is(key, whole[at]));
}
