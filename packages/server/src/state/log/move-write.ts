import type { Primitive } from "@holdfast/protocol";
import { metaOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import type { Write } from "./write.ts";

/** A node, where it stood, and where it stands from now on. */
export interface Move {
  readonly node: StateNode;
  readonly fromParent: StateNode | undefined;
  readonly fromKey: Primitive;
  readonly toParent: StateNode | undefined;
  readonly toKey: Primitive;
}

/**
 * Nodes that get another home without their old one noticing: it is detached, or about to be. It
 * goes on holding them, as in plain JavaScript, but they no longer belong to it.
 */
export class MoveWrite implements Write {
  readonly node = undefined;
  readonly moves: readonly Move[];

  constructor(moves: readonly Move[]) {
    this.moves = moves;
  }

  redo(): void {
    for (const { node, toParent, toKey } of this.moves) settle(node, toParent, toKey);
  }

  undo(): void {
    for (const { node, fromParent, fromKey } of this.moves) settle(node, fromParent, fromKey);
  }
}

function settle(node: StateNode, parent: StateNode | undefined, key: Primitive): void {
  const meta = metaOf(node);
  // Every node that moves has been handed out, so it has one.
  if (meta === undefined) return;
  meta.parent = parent;
  meta.key = key;
}
