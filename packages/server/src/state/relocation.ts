import type { Path, Primitive, Value } from "@holdfast/protocol";
import { copyNode, refuseDepth } from "./copy-node.ts";
import { EntryWrite } from "./log/entry-write.ts";
import { FieldWrite } from "./log/field-write.ts";
import { MoveWrite } from "./log/move-write.ts";
import type { Move } from "./log/move-write.ts";
import type { Write } from "./log/write.ts";
import { attach, entriesOf, isNode, metaOf, nodeKindOf, stamp } from "./node.ts";
import type { MapNode, NodeKind, ObjectNode, StateNode } from "./node.ts";
import type { Scope } from "./tracked.ts";

/**
 * The nodes that one write moves instead of copying them. A node that was taken out of the tree may
 * go on being held by what it was in, if that was taken out as well; it belongs to whoever got it
 * last. What holds it otherwise gets a copy, at the latest when it comes back into the tree.
 */
export class Relocation {
  readonly #scope: Scope;
  readonly #container: StateNode;
  /** Where the container stands, for an error. */
  readonly #path: () => Path;
  readonly #moved = new Set<StateNode>();
  /** What is held below the moved nodes, with the key that it is held by first. */
  readonly #prepared = new Map<StateNode, Primitive>();
  readonly #moves: Move[] = [];
  readonly #unshares: Write[] = [];
  /** What was held twice by the same node: making a copy of one takes the other from its home. */
  readonly #kept: Move[] = [];

  constructor(scope: Scope, container: StateNode, path: () => Path) {
    this.#scope = scope;
    this.#container = container;
    this.#path = path;
  }

  /** Takes over a node from the one whose place is taken; false if that was done before. */
  inherit(node: StateNode): boolean {
    if (this.#moved.has(node)) return false;
    this.#moved.add(node);
    return true;
  }

  /**
   * Takes a node along to `depth`; false if it has to be copied.
   *
   * @throws HoldfastError `VALUE_TOO_DEEP`
   */
  take(node: StateNode, depth: number): boolean {
    if (!this.#isMovable(node)) return false;
    this.#moved.add(node);
    this.#prepare(node, depth);
    return true;
  }

  /** Says where a node will stand that was taken. */
  move(node: StateNode, toParent: StateNode, toKey: Primitive): void {
    const meta = metaOf(node);
    this.#moves.push({ node, fromParent: meta?.parent, fromKey: meta?.key, toParent, toKey });
  }

  /**
   * Finds where moved nodes stand in a fresh copy; only in itself, unless told to go deeper. What
   * lies between them and its top counts as touched from now on: their way to the root leads
   * through it. True if there are any.
   */
  findHomes(fresh: StateNode, isDeep: boolean): boolean {
    let holdsMoved = false;
    for (const [key, child] of entriesOf(fresh)) {
      // True or harmless: only nodes are in the set.
      if (this.#moved.has(child as StateNode)) this.move(child as StateNode, fresh, key);
      else if (isDeep && isNode(child) && this.findHomes(child, true)) attach(child, fresh, key);
      else continue;
      holdsMoved = true;
    }
    // True because the top of a copy and what is found in it are nodes.
    if (holdsMoved) stamp(fresh, nodeKindOf(fresh as Value) as NodeKind, undefined, undefined);
    return holdsMoved;
  }

  commit(): void {
    if (this.#moves.length > 0) this.#scope.log.run(new MoveWrite(this.#moves));
    for (const write of this.#unshares) this.#scope.log.run(write);
    if (this.#kept.length > 0) this.#scope.log.run(new MoveWrite(this.#kept));
  }

  /** Not in the tree, not taken already, and not about to be put inside itself. */
  #isMovable(node: StateNode): boolean {
    let top = node;
    for (let at: StateNode | undefined = node; at !== undefined; at = metaOf(at)?.parent) {
      if (at === this.#scope.root || this.#moved.has(at)) return false;
      top = at;
    }
    if (!this.#scope.mayMove(top)) return false;
    for (let at: StateNode | undefined = this.#container; at; at = metaOf(at)?.parent) {
      if (at === node) return false;
    }
    return true;
  }

  /** Checks the depth, and copies what is held twice or belongs to another node since. */
  #prepare(node: StateNode, depth: number): void {
    if (depth >= this.#scope.depth) refuseDepth(this.#path(), this.#scope.depth);
    for (const [key, child] of entriesOf(node)) {
      if (!isNode(child)) continue;
      const meta = metaOf(child);
      const isElsewhere = meta !== undefined && meta.parent !== node;
      if (isElsewhere || this.#moved.has(child) || this.#prepared.has(child)) {
        this.#unshares.push(replacement(node, key, child, this.#copy(child, depth + 1)));
        if (!isElsewhere && this.#prepared.has(child)) this.#keep(child, node);
      } else {
        this.#prepared.set(child, key);
        this.#prepare(child, depth + 1);
      }
    }
  }

  #keep(node: StateNode, parent: StateNode): void {
    const toKey = this.#prepared.get(node);
    this.#kept.push({ node, fromParent: undefined, fromKey: undefined, toParent: parent, toKey });
  }

  #copy(node: StateNode, depth: number): Value {
    this.#scope.copied(node);
    return copyNode(node as Value, {
      scope: this.#scope,
      depth,
      limit: this.#scope.depth,
      path: this.#path,
    });
  }
}

function replacement(node: StateNode, key: Primitive, before: StateNode, after: Value): Write {
  // The casts are true because nodes stand in Maps, objects and arrays only, under such keys.
  return node instanceof Map
    ? new EntryWrite(node as MapNode, key, before as Value, after)
    : new FieldWrite(node as ObjectNode, key as string, before as Value, after);
}
