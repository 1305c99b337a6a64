import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import type { ArrayNode } from "../node.ts";

/** What writes did to an array as a whole. */
export interface ArrayEffect {
  /** Items were added, removed or put in another order. */
  readonly resizes: boolean;
  /** The same, other than by adding at the end. */
  readonly shifts: boolean;
  /** The item that was the last one is gone or stands elsewhere among those that there were. */
  readonly touchesEnd: boolean;
  /** An item was assigned. */
  readonly assigns: boolean;
}

/** The effect of all writes of one transaction to an array that holds their result. */
export function effectOn(node: ArrayNode, writes: readonly Write[]): ArrayEffect {
  let length = node.length;
  for (const write of writes) {
    if (write instanceof SpliceWrite) length += write.removed.length - write.inserted.length;
  }
  /** How many items at the end were added by these writes. */
  let added = 0;
  const effect = { resizes: false, shifts: false, touchesEnd: false, assigns: false };
  for (const write of writes) {
    if (write instanceof SpliceWrite) {
      const { index, removed, inserted } = write;
      const end = length - added;
      effect.resizes = true;
      if (index >= end) added += inserted.length - removed.length;
      else {
        effect.shifts = true;
        if (index + removed.length >= end) {
          effect.touchesEnd = true;
          added = Math.max(0, length - index - removed.length) + inserted.length;
        }
      }
      length += inserted.length - removed.length;
    } else if (write instanceof OrderWrite) {
      effect.resizes = true;
      effect.shifts = true;
      effect.touchesEnd = true;
    } else effect.assigns = true;
  }
  return effect;
}
