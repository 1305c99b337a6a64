import type { Primitive } from "@holdfast/protocol";
import { inOrder } from "../in-order.ts";
import type { MapNode, SetNode } from "../node.ts";
import type { Scope } from "../tracked.ts";

/**
 * Goes through a Map or Set while others have the tree in between: a switch takes entries out and
 * puts them back, and a native iterator would lose its place. Like that one, it leaves out what is
 * deleted on the way, and visits what is added.
 */
export class EntryIterator<T> extends Iterator<T, undefined, unknown> {
  readonly #scope: Scope;
  readonly #node: MapNode | SetNode;
  readonly #make: (key: Primitive) => T;
  readonly #seen = new Set<Primitive>();
  #keys: Primitive[];
  #index = 0;

  constructor(scope: Scope, node: MapNode | SetNode, make: (key: Primitive) => T) {
    super();
    this.#scope = scope;
    this.#node = node;
    this.#make = make;
    this.#keys = [...inOrder(node).keys()];
  }

  override next(): IteratorResult<T, undefined> {
    this.#scope.assertActive();
    while (this.#index < this.#keys.length || this.#hasMore()) {
      const key = this.#keys[this.#index++];
      this.#seen.add(key);
      if (this.#node.has(key)) return { done: false, value: this.#make(key) };
    }
    return { done: true, value: undefined };
  }

  #hasMore(): boolean {
    if (this.#keys.length === 0) return false;
    this.#keys = [...inOrder(this.#node).keys()].filter((key) => !this.#seen.has(key));
    this.#index = 0;
    return this.#keys.length > 0;
  }
}
