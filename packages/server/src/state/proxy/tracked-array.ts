import type { ArrayNode } from "../node.ts";
import type { TARGET } from "../tracked.ts";

/** A tracked array, as its methods get it for `this`. */
export interface TrackedArray extends Array<unknown> {
  readonly [TARGET]: ArrayNode;
}
