import type { MapNode, SetNode } from "../node.ts";
import { SCOPE, TARGET } from "../tracked.ts";
import type { Scope } from "../tracked.ts";
import { PlainDataHandler, refuseOperation } from "./plain-data-handler.ts";

/** What a proxy of a Map and one of a Set have in common: all but their methods. */
export class CollectionHandler<Node extends MapNode | SetNode>
  extends PlainDataHandler
  implements ProxyHandler<Node>
{
  readonly #scope: Scope;
  readonly #methods: ReadonlyMap<unknown, unknown>;
  /** What to do instead of setting a property. */
  readonly #instead: string;

  constructor(scope: Scope, methods: ReadonlyMap<unknown, unknown>, instead: string) {
    super();
    this.#scope = scope;
    this.#methods = methods;
    this.#instead = instead;
  }

  get(node: Node, key: string | symbol): unknown {
    this.#scope.assertActive();
    if (key === TARGET) return node;
    if (key === SCOPE) return this.#scope;
    // `size` is a getter that only works on the raw node; so does any method that is not ours.
    return this.#methods.get(key) ?? Reflect.get(node, key);
  }

  has(node: Node, key: string | symbol): boolean {
    this.#scope.assertActive();
    return Reflect.has(node, key);
  }

  ownKeys(node: Node): (string | symbol)[] {
    this.#scope.assertActive();
    return Reflect.ownKeys(node);
  }

  getOwnPropertyDescriptor(node: Node, key: string | symbol): PropertyDescriptor | undefined {
    this.#scope.assertActive();
    return Object.getOwnPropertyDescriptor(node, key);
  }

  set(node: Node, key: string | symbol): never {
    this.#scope.assertActive();
    return this.#refuse(node, key);
  }

  defineProperty(node: Node, key: string | symbol): never {
    this.#scope.assertActive();
    return this.#refuse(node, key);
  }

  deleteProperty(): boolean {
    this.#scope.assertActive();
    // There is none to delete.
    return true;
  }

  #refuse(node: Node, key: string | symbol): never {
    return refuseOperation(
      node,
      `cannot have a property ${String(key)}: it would not be part of the state`,
      `Use ${this.#instead}.`,
    );
  }
}
