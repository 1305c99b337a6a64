import type { Value } from "@holdfast/protocol";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import type { Write } from "../log/write.ts";
import { isNode } from "../node.ts";
import type { Absent, StateNode } from "../node.ts";

/** The nodes that a write takes away from where they stood. */
export function takenOut(write: Write): readonly StateNode[] {
  if (write instanceof FieldWrite || write instanceof EntryWrite) {
    return write.before === write.after ? NONE : only(write.before);
  }
  if (write instanceof SpliceWrite) {
    return write.removed.length === 0 ? NONE : write.removed.filter(isNode);
  }
  if (write instanceof ClearWrite) return write.entries.flatMap(([, value]) => only(value));
  return NONE;
}

const NONE: readonly StateNode[] = [];

function only(value: Value | Absent): readonly StateNode[] {
  return isNode(value) ? [value] : NONE;
}
