import { formatPath, HoldfastError } from "@holdfast/protocol";
import { pathOf } from "../node.ts";
import type { StateNode } from "../node.ts";

/** What no proxy of the tracker allows, whatever it stands for. */
export class PlainDataHandler {
  setPrototypeOf(node: StateNode): never {
    return refuseOperation(node, "cannot get another prototype", "State is plain data.");
  }

  preventExtensions(node: StateNode): never {
    return refuseOperation(
      node,
      "cannot be frozen, sealed or made non-extensible",
      "Freeze a copy instead: Object.freeze(unwrap(value)).",
    );
  }
}

/** @throws HoldfastError `VALUE_UNSUPPORTED`: `state.a.b` + what cannot be + what to do. */
export function refuseOperation(node: StateNode, problem: string, advice: string): never {
  throw new HoldfastError("VALUE_UNSUPPORTED", `${formatPath(pathOf(node))} ${problem}. ${advice}`);
}

export function refuseSymbolKey(node: StateNode, key: symbol): never {
  return refuseOperation(
    node,
    `cannot have the symbol ${String(key)} as a key, which no copy can keep`,
    "Use a string.",
  );
}

/**
 * True for what a plain assignment would make: any other property is more than data. What is left
 * out is `false` for a new property, and as it was for an existing one.
 */
export function isPlainData(descriptor: PropertyDescriptor, exists: boolean): boolean {
  const { writable = exists, enumerable = exists, configurable = exists } = descriptor;
  return Object.hasOwn(descriptor, "value") && writable && enumerable && configurable;
}

export function refuseDescriptor(node: StateNode, key: PropertyKey): never {
  return refuseOperation(
    node,
    `cannot have ${String(key)} as a getter, setter, hidden, read-only or permanent property`,
    "Assign a plain value.",
  );
}
