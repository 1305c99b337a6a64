import type { Value } from "@holdfast/protocol";
import { Intake } from "../intake.ts";
import { FieldWrite } from "../log/field-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import { isNode } from "../node.ts";
import type { ArrayNode } from "../node.ts";
import { SCOPE, standsThere, TARGET } from "../tracked.ts";
import type { Scope } from "../tracked.ts";
import { ARRAY_MUTATORS } from "./array-mutators.ts";
import { ARRAY_READERS } from "./array-readers.ts";
import {
  isPlainData,
  PlainDataHandler,
  refuseDescriptor,
  refuseOperation,
  refuseSymbolKey,
} from "./plain-data-handler.ts";

/** Arrays. Their own methods work on the raw array, as one operation each. */
export function arrayHandler(scope: Scope): ProxyHandler<ArrayNode> {
  return new ArrayHandler(scope);
}

/** What replaces the methods of Array.prototype, by name. */
const NAMED = new Map<unknown, unknown>([
  ...Object.entries(ARRAY_READERS),
  ...Object.entries(ARRAY_MUTATORS),
]);
const METHODS: ReadonlyMap<unknown, unknown> = NAMED.set(Symbol.iterator, NAMED.get("values"));

export class ArrayHandler extends PlainDataHandler implements ProxyHandler<ArrayNode> {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    super();
    this.#scope = scope;
  }

  get(node: ArrayNode, key: string | symbol): unknown {
    this.#scope.assertActive();
    if (typeof key === "symbol") return this.#symbol(node, key);
    // True or harmless: any other key gives what the array inherits.
    const value: unknown = node[key as unknown as number];
    if (typeof value === "function") return METHODS.get(key) ?? value;
    // Only items are objects: what arrays inherit by a string key are functions.
    return typeof value === "object" ? this.#scope.wrap(value as Value, node, Number(key)) : value;
  }

  has(node: ArrayNode, key: string | symbol): boolean {
    this.#scope.assertActive();
    return Reflect.has(node, key);
  }

  ownKeys(node: ArrayNode): (string | symbol)[] {
    this.#scope.assertActive();
    return Reflect.ownKeys(node);
  }

  getOwnPropertyDescriptor(node: ArrayNode, key: string | symbol): PropertyDescriptor | undefined {
    this.#scope.assertActive();
    const descriptor = Object.getOwnPropertyDescriptor(node, key);
    // True because arrays of the tree hold values, and nothing but items and a length.
    if (descriptor)
      descriptor.value = this.#scope.wrap(descriptor.value as Value, node, Number(key));
    return descriptor;
  }

  set(node: ArrayNode, key: string | symbol, value: unknown): boolean {
    this.#scope.assertActive();
    if (typeof key === "symbol") refuseSymbolKey(node, key);
    if (key === "length") setLength(this.#scope, node, value);
    else this.#setItem(node, indexOf(node, key), value);
    return true;
  }

  deleteProperty(node: ArrayNode, key: string | symbol): boolean {
    this.#scope.assertActive();
    if (!Object.hasOwn(node, key)) return true;
    return refuseOperation(
      node,
      `cannot lose item ${String(key)} and keep its place: arrays have no holes`,
      "Use splice, or assign null.",
    );
  }

  defineProperty(node: ArrayNode, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#scope.assertActive();
    if (!isPlainData(descriptor, Object.hasOwn(node, key))) refuseDescriptor(node, key);
    return this.set(node, key, descriptor.value);
  }

  #symbol(node: ArrayNode, key: symbol): unknown {
    if (key === TARGET) return node;
    return key === SCOPE ? this.#scope : (METHODS.get(key) ?? Reflect.get(node, key));
  }

  #setItem(node: ArrayNode, index: number, value: unknown): void {
    const before = index < node.length ? node[index] : undefined;
    if (standsThere(this.#scope, value, before)) return;
    const intake = new Intake(this.#scope, node, isNode(before) ? before : undefined);
    const after = intake.take(value, index);
    intake.commit();
    if (index >= node.length) {
      this.#scope.log.run(new SpliceWrite(node, node.length, [], [after]));
    } else if (!Object.is(node[index], after)) {
      this.#scope.log.run(new FieldWrite(node, index, node[index], after));
    }
  }
}

function setLength(scope: Scope, node: ArrayNode, value: unknown): void {
  const length = Number(value);
  if (length === node.length) return;
  if (!Number.isInteger(length) || length < 0 || length > node.length) {
    refuseOperation(
      node,
      `cannot get the length ${String(value)}: it has ${node.length} items, and arrays have no holes`,
      "Add items by push.",
    );
  }
  scope.log.run(new SpliceWrite(node, length, node.slice(length), []));
}

/** The index that a key names: of an item, or the one behind the last. */
function indexOf(node: ArrayNode, key: string): number {
  const index = Number(key);
  // Only the canonical text of an index is one: "01" and "1.0" name other properties.
  if (!Number.isInteger(index) || index < 0 || String(index) !== key) {
    refuseOperation(
      node,
      `cannot have a property "${key}": arrays hold items only`,
      "Use an object.",
    );
  }
  if (index > node.length) {
    refuseOperation(
      node,
      `cannot have an item at ${key}: it has ${node.length} items, and arrays have no holes`,
      "Add items by push.",
    );
  }
  return index;
}
