import { cloneValue, exceedsBytes, formatPath, HoldfastError } from "@holdfast/protocol";
import type { Path, Primitive, Value } from "@holdfast/protocol";
import { copyNode } from "./copy-node.ts";
import { metaOf, nodeKindOf, pathOf } from "./node.ts";
import type { StateNode } from "./node.ts";
import { Relocation } from "./relocation.ts";
import { scopeOf, targetOf } from "./tracked.ts";
import type { Scope } from "./tracked.ts";

/** Most bytes that one UTF-16 unit takes in JSON: an escape like \u001f. */
const BYTES_PER_UNIT = 6;
/** A bigint of so many bits is short enough without counting its digits. */
const SHORT_BIGINT_BITS = 256;

/**
 * Takes the values that an action writes into one node. A plain value is validated and copied; a
 * tracked node that stands in the tree is copied; a detached one is moved, and its proxies stay
 * live. So no node of the tree ever stands at two places, and none inside itself.
 *
 * Nothing changes before `commit`, which is called once every value of a write is taken: a refused
 * one leaves no trace.
 */
export class Intake {
  readonly #scope: Scope;
  readonly #container: StateNode;
  /** The node whose place the value takes: what it holds is about to be detached. */
  readonly #replaced: StateNode | undefined;
  #relocation: Relocation | undefined;
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
    this.#relocation?.commit();
  }

  #takeObject(value: object, key: Primitive): Value {
    const at = this.#at(key);
    const node = targetOf(value);
    if (node !== undefined) {
      const taken = this.#takeNode(node, value, at.length);
      if (taken === node) this.#relocation?.move(node, this.#container, key);
      return taken;
    }
    const predecessor = this.#predecessorOf(value);
    let moved: "none" | "outermost" | "deep" = "none";
    let isPlain = true;
    const fresh = cloneValue(value, at, {
      depth: this.#scope.depth,
      take: (inner, depth) => {
        const innerNode = targetOf(inner);
        if (innerNode === undefined) {
          if (this.#scope.isLent(inner)) isPlain = false;
          return undefined;
        }
        isPlain = false;
        const isOutermost = depth === at.length + 1;
        const taken = this.#takeNode(
          innerNode,
          inner,
          depth,
          isOutermost ? predecessor : undefined,
        );
        if (taken === innerNode && moved !== "deep") moved = isOutermost ? "outermost" : "deep";
        return taken;
      },
    });
    // Where they stand is known only now that the copy around them is made; only nodes hold any.
    if (moved !== "none") this.#relocation?.findHomes(fresh as StateNode, moved === "deep");
    // True because the copy of an object is one.
    if (isPlain) this.#scope.follow(fresh as object, { value, node: this.#container, key });
    return fresh;
  }

  /**
   * `state.list = state.list.filter(…)` hands the items of the list to the array that takes its
   * place, and the same goes for the values of objects and Maps: so the patches are of what really
   * changed, and the proxies of the items stay live.
   */
  #predecessorOf(value: object): StateNode | undefined {
    const replaced = this.#replaced;
    // What a detached node holds on to may belong elsewhere since.
    if (replaced === undefined || metaOf(replaced)?.parent !== this.#container) return undefined;
    // True or harmless: it is only compared with the kinds of nodes.
    return nodeKindOf(value as Value) === nodeKindOf(replaced as Value) ? replaced : undefined;
  }

  #takeNode(node: StateNode, tracked: object, depth: number, predecessor?: StateNode): Value {
    if (this.#scope.isOwn(node, tracked)) {
      this.#relocation ??= new Relocation(this.#scope, this.#container, () =>
        this.#containerPath(),
      );
      const isInherited = predecessor !== undefined && metaOf(node)?.parent === predecessor;
      if (isInherited ? this.#relocation.inherit(node) : this.#relocation.take(node, depth)) {
        // True because a node of the tree is a value.
        return node as Value;
      }
    }
    const scope = scopeOf(tracked);
    scope.copied(node);
    return copyNode(node as Value, {
      scope,
      depth,
      limit: this.#scope.depth,
      path: () => this.#containerPath(),
    });
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
