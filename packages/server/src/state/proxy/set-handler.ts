import type { SetNode } from "../node.ts";
import type { Scope } from "../tracked.ts";
import { CollectionHandler } from "./collection-handler.ts";
import { SET_METHODS } from "./set-methods.ts";

/** Sets of primitives. Their own methods work on the raw Set. */
export function setHandler(scope: Scope): ProxyHandler<SetNode> {
  return new CollectionHandler<SetNode>(scope, METHODS, "add(member)");
}

const METHODS: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ...Object.entries(SET_METHODS),
  [Symbol.iterator, SET_METHODS.values],
]);
