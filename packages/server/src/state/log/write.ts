import type { Disorder } from "../disorder.ts";
import type { StateNode } from "../node.ts";

/**
 * One record of the undo log: a change of one node, before and after, that runs both ways.
 *
 * `redo` is also how the change is made in the first place. It is logged before it runs, and a
 * runaway recursion in a handler may overflow the stack anywhere inside it: so `undo` makes good a
 * change that was made, half made or not made at all.
 */
export interface Write {
  /** The node whose content changes; `undefined` where only bookkeeping does. */
  readonly node: StateNode | undefined;
  redo(): void;
  undo(disorder: Disorder): void;
}
