import type { Primitive } from "@holdfast/protocol";
import type { StateNode } from "../node.ts";
import { scopeOf } from "../tracked.ts";
import type { Scope } from "../tracked.ts";
import type { IsolatedLog } from "./isolated-log.ts";
import type { ReadLog } from "./read-log.ts";

/** What the proxies of an asynchronous transaction know of it. */
export interface IsolatedScope extends Scope {
  readonly log: IsolatedLog;
  readonly reads: ReadLog;
  /** The handler has written to a place what stood there already. */
  touch(node: StateNode, key: Primitive): void;
  /** The handler has made a change of the node as a whole that changed nothing. */
  touchAll(node: StateNode): void;
  /** Whether the handler itself has moved the items of an array, or added some. */
  hasRestructured(node: StateNode): boolean;
}

export function isolatedScopeOf(tracked: object): IsolatedScope {
  // True because only the methods of isolated proxies ask, and those belong to such a scope.
  return scopeOf(tracked) as IsolatedScope;
}
