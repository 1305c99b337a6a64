import { ABSENT } from "../node.ts";
import type { ObjectNode } from "../node.ts";
import { ObjectHandler } from "../proxy/object-handler.ts";
import type { IsolatedScope } from "./isolated-scope.ts";

/** Plain objects, with every read remembered and no write left out. */
export class IsolatedObjectHandler extends ObjectHandler {
  readonly #scope: IsolatedScope;

  constructor(scope: IsolatedScope) {
    super(scope);
    this.#scope = scope;
  }

  override get(node: ObjectNode, key: string | symbol): unknown {
    const value = super.get(node, key);
    this.#read(node, key);
    return value;
  }

  override has(node: ObjectNode, key: string | symbol): boolean {
    const isThere = super.has(node, key);
    this.#read(node, key);
    return isThere;
  }

  override ownKeys(node: ObjectNode): string[] {
    const keys = super.ownKeys(node);
    this.#scope.reads.keys(node);
    return keys;
  }

  override getOwnPropertyDescriptor(
    node: ObjectNode,
    key: string | symbol,
  ): PropertyDescriptor | undefined {
    const descriptor = super.getOwnPropertyDescriptor(node, key);
    this.#read(node, key);
    return descriptor;
  }

  override set(node: ObjectNode, key: string | symbol, value: unknown): boolean {
    return this.#write(node, key, () => super.set(node, key, value));
  }

  override deleteProperty(node: ObjectNode, key: string | symbol): boolean {
    return this.#write(node, key, () => super.deleteProperty(node, key));
  }

  #read(node: ObjectNode, key: string | symbol): void {
    if (typeof key === "symbol") return;
    this.#scope.reads.place(node, key, Object.hasOwn(node, key) ? node[key] : ABSENT);
  }

  #write(node: ObjectNode, key: string | symbol, write: () => boolean): boolean {
    this.#scope.assertActive();
    const { log } = this.#scope;
    const before = log.runs;
    const result = write();
    if (log.runs === before && typeof key === "string") this.#scope.touch(node, key);
    return result;
  }
}
