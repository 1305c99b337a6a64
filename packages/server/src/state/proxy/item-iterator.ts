import type { ArrayNode } from "../node.ts";
import type { Scope } from "../tracked.ts";

/** Goes through a live array like its own iterator: what is added on the way is visited too. */
export class ItemIterator extends Iterator<unknown, undefined, unknown> {
  readonly #scope: Scope;
  /** `undefined` once the end was reached. */
  #node: ArrayNode | undefined;
  #index = 0;

  constructor(scope: Scope, node: ArrayNode) {
    super();
    this.#scope = scope;
    this.#node = node;
  }

  override next(): IteratorResult<unknown, undefined> {
    this.#scope.assertActive();
    const node = this.#node;
    const index = this.#index++;
    if (node !== undefined && index < node.length) {
      return { done: false, value: this.#scope.wrap(node[index], node, index) };
    }
    this.#node = undefined;
    return { done: true, value: undefined };
  }
}
