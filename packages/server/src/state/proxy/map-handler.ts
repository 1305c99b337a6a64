import type { MapNode } from "../node.ts";
import type { Scope } from "../tracked.ts";
import { CollectionHandler } from "./collection-handler.ts";
import { MAP_METHODS } from "./map-methods.ts";

/** Maps, with primitives for keys. Their own methods work on the raw Map. */
export function mapHandler(scope: Scope): ProxyHandler<MapNode> {
  return new CollectionHandler<MapNode>(scope, METHODS, "set(key, value)");
}

const NAMED = new Map<unknown, unknown>(Object.entries(MAP_METHODS));
const METHODS: ReadonlyMap<unknown, unknown> = NAMED.set(Symbol.iterator, NAMED.get("entries"));
