import { cloneValue, exceedsBytes, formatPath, HoldfastError } from "@holdfast/protocol";
import type { Path, Primitive, Value } from "@holdfast/protocol";
import { copyNode, refuseDepth } from "./copy-node.ts";
import { EntryWrite } from "./log/entry-write.ts";
import { FieldWrite } from "./log/field-write.ts";
import { MoveWrite } from "./log/move-write.ts";
import type { Home, Move } from "./log/move-write.ts";
import type { Write } from "./log/write.ts";
import { attach, childrenOf, metaOf, nodeKindOf, pathOf, stamp } from "./node.ts";
import type { MapNode, ObjectNode, StateNode } from "./node.ts";
import { scopeOf, targetOf } from "./tracked.ts";
import type { Scope } from "./tracked.ts";

/** Most bytes that one UTF-16 unit takes in JSON: an escape like \u001f. */
const BYTES_PER_UNIT = 6;
/** A bigint of so many bits is short enough without counting its digits. */
const SHORT_BIGINT_BITS = 256;

/**
 * Takes the values that an action writes into one node. A plain value is validated and copied; a
 * tracked node that stands in the tree is copied; a detached one is moved, and its proxies stay
 * live. So no node ever stands at two places, and none inside itself.
 *
 * Nothing changes before `commit`, which is called once every value of a write is taken: a refused
 * one leaves no trace.
 */
export class Intake {
  readonly #scope: Scope;
  readonly #container: StateNode;
  /** The node whose place the value takes: what it holds is about to be detached. */
  readonly #replaced: StateNode | undefined;
  readonly #moved = new Set<StateNode>();
  readonly #prepared = new Set<StateNode>();
  readonly #moves: Move[] = [];
  readonly #unshares: Write[] = [];
  #path: Path | undefined;

  constructor(scope: Scope, container: StateNode, replaced?: StateNode) {
    this.#scope = scope;
    this.#container = container;
    this.#replaced = replaced;
  }

  /**
   * The raw value that goes into the tree at `key`.
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP`, `VALUE_TOO_LARGE`
   */
  take(value: unknown, key: Primitive): Value {
    switch (typeof value) {
      case "number":
      case "boolean":
      case "undefined":
        return value;
      case "string":
        assertTextFits(value, this.#scope, () => formatPath(this.#at(key)));
        return value;
      case "bigint":
        if (BigInt.asIntN(SHORT_BIGINT_BITS, value) === value) return value;
        return cloneValue(value, this.#at(key));
      case "object":
        return value === null ? null : this.#takeObject(value, key);
      default:
        // Refuses it, and says why.
        return cloneValue(value, this.#at(key));
    }
  }

  /** Logs what has to happen before the write itself. */
  commit(): void {
    if (this.#moves.length > 0) this.#scope.log.run(new MoveWrite(this.#moves));
    for (const write of this.#unshares) this.#scope.log.run(write);
  }

  #takeObject(value: object, key: Primitive): Value {
    const at = this.#at(key);
    const node = targetOf(value);
    if (node !== undefined) {
      const taken = this.#takeNode(node, value, at.length);
      if (taken === node) this.#move(node, { parent: this.#container, key });
      return taken;
    }
    const predecessor = this.#predecessorOf(value);
    let moves = false;
    const fresh = cloneValue(value, at, {
      depth: this.#scope.depth,
      take: (inner, depth) => {
        const innerNode = targetOf(inner);
        if (innerNode === undefined) return undefined;
        const taken = this.#takeNode(
          innerNode,
          inner,
          depth,
          depth === at.length + 1 ? predecessor : undefined,
        );
        moves ||= taken === innerNode;
        return taken;
      },
    });
    // Where they stand is known only now that the copy around them is made.
    if (moves) this.#findHomes(fresh as StateNode);
    return fresh;
  }

  /**
   * `state.list = state.list.filter(…)` hands the items of the list to the array that takes its
   * place, and the same goes for the values of objects and Maps: so the patches are of what really
   * changed, and the proxies of the items stay live.
   */
  #predecessorOf(value: object): StateNode | undefined {
    // What a detached node holds on to may belong elsewhere since.
    if (this.#replaced === undefined || metaOf(this.#replaced)?.parent !== this.#container) {
      return undefined;
    }
    // True or harmless: it is only compared with the kinds of nodes.
    const isSameKind = nodeKindOf(value as Value) === nodeKindOf(this.#replaced as Value);
    return isSameKind ? this.#replaced : undefined;
  }

  #takeNode(node: StateNode, tracked: object, depth: number, predecessor?: StateNode): Value {
    const scope = scopeOf(tracked);
    if (scope === this.#scope && !this.#moved.has(node)) {
      const isInherited = predecessor !== undefined && metaOf(node)?.parent === predecessor;
      if (isInherited || this.#isMovable(node)) {
        this.#moved.add(node);
        // What is inherited keeps its depth, and stood in the tree until now.
        if (!isInherited) this.#prepare(node, depth);
        return node as Value;
      }
    }
    return this.#copy(node, depth, scope);
  }

  /** Detached, alone, and not about to be put inside itself. */
  #isMovable(node: StateNode): boolean {
    for (let at: StateNode | undefined = node; at !== undefined; at = metaOf(at)?.parent) {
      if (at === this.#scope.root || this.#moved.has(at)) return false;
    }
    for (let at: StateNode | undefined = this.#container; at; at = metaOf(at)?.parent) {
      if (at === node) return false;
    }
    return true;
  }

  /**
   * Checks the depth of a node that is moved, and copies what it holds twice, or holds but what
   * belongs to another node since: a detached array goes on holding an item that was moved out of it.
   */
  #prepare(node: StateNode, depth: number): void {
    if (depth >= this.#scope.depth) refuseDepth(this.#containerPath(), this.#scope.depth);
    for (const [key, child] of childrenOf(node)) {
      const meta = metaOf(child);
      const isElsewhere = meta !== undefined && meta.parent !== node;
      if (isElsewhere || this.#moved.has(child) || this.#prepared.has(child)) {
        const copy = this.#copy(child, depth + 1, this.#scope);
        this.#unshares.push(replacement(node, key, child, copy));
      } else {
        this.#prepared.add(child);
        this.#prepare(child, depth + 1);
      }
    }
  }

  #copy(node: StateNode, depth: number, scope: Scope): Value {
    return copyNode(node as Value, {
      loans: scope.loans,
      depth,
      limit: this.#scope.depth,
      path: () => this.#containerPath(),
    });
  }

  /**
   * Finds where moved nodes stand in a fresh copy. What lies between them and its top is touched
   * from now on: their way to the root leads through it. True if there are any.
   */
  #findHomes(fresh: StateNode): boolean {
    let holdsMoved = false;
    for (const [key, child] of childrenOf(fresh)) {
      if (this.#moved.has(child)) this.#move(child, { parent: fresh, key });
      else if (this.#findHomes(child)) attach(child as Value, fresh, key);
      else continue;
      holdsMoved = true;
    }
    if (holdsMoved) stamp(fresh, undefined, undefined);
    return holdsMoved;
  }

  #move(node: StateNode, to: Home): void {
    const { parent, key } = metaOf(node) ?? {};
    this.#moves.push({ node, from: { parent, key }, to });
  }

  #at(key: Primitive): Path {
    return [...this.#containerPath(), key];
  }

  #containerPath(): Path {
    return (this.#path ??= pathOf(this.#container));
  }
}

/**
 * A string that only grows, by appending, is never sent whole; but it has to fit where it is stored.
 *
 * @throws HoldfastError `VALUE_TOO_LARGE`
 */
export function assertTextFits(text: string, scope: Scope, where: () => string): void {
  if (text.length * BYTES_PER_UNIT <= scope.atomBytes) return;
  if (!exceedsBytes(JSON.stringify(text), scope.atomBytes)) return;
  throw new HoldfastError(
    "VALUE_TOO_LARGE",
    `The text at ${where()} is larger than ${scope.atomBytes} bytes. ` +
      "Split it into several values, or keep it outside the state.",
  );
}

function replacement(node: StateNode, key: Primitive, before: StateNode, after: Value): Write {
  // The casts are true because nodes stand in Maps, objects and arrays only, under such keys.
  return node instanceof Map
    ? new EntryWrite(node as MapNode, key, before as Value, after)
    : new FieldWrite(node as ObjectNode, key as string, before as Value, after);
}
