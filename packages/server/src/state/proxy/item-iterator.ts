import type { ArrayNode } from "../node.ts";
import type { Scope } from "../tracked.ts";

/** Goes through a live array like its own iterator: what is added on the way is visited too. */
export class ItemIterator<T> extends Iterator<T, undefined, unknown> {
  readonly #scope: Scope;
  readonly #make: (item: unknown, index: number) => T;
  /** `undefined` once the end was reached. */
  #node: ArrayNode | undefined;
  #index = 0;

  constructor(scope: Scope, node: ArrayNode, make: (item: unknown, index: number) => T) {
    super();
    this.#scope = scope;
    this.#node = node;
    this.#make = make;
  }

  override next(): IteratorResult<T, undefined> {
    this.#scope.assertActive();
    const node = this.#node;
    const index = this.#index;
    if (node === undefined || index >= node.length) {
      this.#node = undefined;
      return { done: true, value: undefined };
    }
    this.#index = index + 1;
    return { done: false, value: this.#make(this.#scope.wrap(node[index], node, index), index) };
  }
}
