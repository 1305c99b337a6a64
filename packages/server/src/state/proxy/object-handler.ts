import { formatPath } from "@holdfast/protocol";
import type { Value } from "@holdfast/protocol";
import { assertTextFits, Intake } from "../intake.ts";
import { FieldWrite } from "../log/field-write.ts";
import { ABSENT, isNode, pathOf } from "../node.ts";
import type { ObjectNode } from "../node.ts";
import { SCOPE, standsThere, TARGET } from "../tracked.ts";
import type { Scope } from "../tracked.ts";
import {
  isPlainData,
  PlainDataHandler,
  refuseDescriptor,
  refuseOperation,
  refuseSymbolKey,
} from "./plain-data-handler.ts";

/** Plain objects. They inherit nothing by a string key: `state.constructor` is a field or nothing. */
export function objectHandler(scope: Scope): ProxyHandler<ObjectNode> {
  return new ObjectHandler(scope);
}

export class ObjectHandler extends PlainDataHandler implements ProxyHandler<ObjectNode> {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    super();
    this.#scope = scope;
  }

  get(node: ObjectNode, key: string | symbol): unknown {
    this.#scope.assertActive();
    if (typeof key === "symbol") return this.#symbol(node, key);
    if (!Object.hasOwn(node, key)) return undefined;
    const value = node[key];
    return typeof value === "object" ? this.#scope.wrap(value, node, key) : value;
  }

  has(node: ObjectNode, key: string | symbol): boolean {
    this.#scope.assertActive();
    return Object.hasOwn(node, key);
  }

  ownKeys(node: ObjectNode): string[] {
    this.#scope.assertActive();
    return Object.keys(node);
  }

  getOwnPropertyDescriptor(node: ObjectNode, key: string | symbol): PropertyDescriptor | undefined {
    this.#scope.assertActive();
    const descriptor = Object.getOwnPropertyDescriptor(node, key);
    // True because the fields of a node are strings and hold values.
    if (descriptor)
      descriptor.value = this.#scope.wrap(descriptor.value as Value, node, String(key));
    return descriptor;
  }

  set(node: ObjectNode, key: string | symbol, value: unknown): boolean {
    this.#scope.assertActive();
    if (typeof key === "symbol") refuseSymbolKey(node, key);
    const type = typeof value;
    if (type === "number" || type === "boolean" || type === "undefined") {
      // True by the check above.
      this.#write(node, key, value as Value);
    } else this.#take(node, key, value);
    return true;
  }

  deleteProperty(node: ObjectNode, key: string | symbol): boolean {
    this.#scope.assertActive();
    if (typeof key === "string") {
      if (Object.hasOwn(node, key)) {
        this.#scope.log.run(new FieldWrite(node, key, node[key], ABSENT));
      } else this.#scope.idle?.(node, key);
    }
    return true;
  }

  defineProperty(node: ObjectNode, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#scope.assertActive();
    if (!isPlainData(descriptor, Object.hasOwn(node, key))) refuseDescriptor(node, key);
    return this.set(node, key, descriptor.value);
  }

  #take(node: ObjectNode, key: string, value: unknown): void {
    const before = Object.hasOwn(node, key) ? node[key] : ABSENT;
    if (standsThere(this.#scope, value, before)) {
      this.#scope.idle?.(node, key);
      return;
    }
    if (before === ABSENT) this.#assertKey(node, key);
    const intake = new Intake(this.#scope, node, isNode(before) ? before : undefined);
    const after = intake.take(value, key);
    intake.commit();
    this.#write(node, key, after);
  }

  #write(node: ObjectNode, key: string, after: Value): void {
    if (!Object.hasOwn(node, key)) {
      this.#assertKey(node, key);
      this.#scope.log.run(new FieldWrite(node, key, ABSENT, after));
    } else if (!Object.is(node[key], after)) {
      this.#scope.log.run(new FieldWrite(node, key, node[key], after));
    } else this.#scope.idle?.(node, key);
  }

  #assertKey(node: ObjectNode, key: string): void {
    if (key === "__proto__") {
      refuseOperation(
        node,
        'cannot have a key "__proto__", which would change prototypes',
        "Rename it.",
      );
    }
    assertTextFits(key, this.#scope, () => `a key of ${formatPath(pathOf(node))}`);
  }

  #symbol(node: ObjectNode, key: symbol): unknown {
    if (key === TARGET) return node;
    return key === SCOPE ? this.#scope : Reflect.get(node, key);
  }
}
