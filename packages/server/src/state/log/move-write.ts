import type { Primitive } from "@holdfast/protocol";
import { metaOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import type { Write } from "./write.ts";

/** Where a node stands: in which one, at which key. */
export interface Home {
  readonly parent: StateNode | undefined;
  readonly key: Primitive;
}

export interface Move {
  readonly node: StateNode;
  readonly from: Home;
  readonly to: Home;
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
    for (const { node, to } of this.moves) settle(node, to);
  }

  undo(): void {
    for (const { node, from } of this.moves) settle(node, from);
  }
}

function settle(node: StateNode, home: Home): void {
  const meta = metaOf(node);
  // Every node that moves has been handed out, so it has one.
  if (meta === undefined) return;
  meta.parent = home.parent;
  meta.key = home.key;
}
