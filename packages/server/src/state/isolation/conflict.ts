import { formatPath, HoldfastError } from "@holdfast/protocol";
import type { Primitive, Value } from "@holdfast/protocol";
import { sameAtom } from "../atom.ts";
import { ABSENT, pathOf } from "../node.ts";
import type { Absent, StateNode } from "../node.ts";

/** True for two values that no handler could tell apart where it read them: nodes by identity. */
export function sameRead(one: Value | Absent, other: Value | Absent): boolean {
  if (one === ABSENT || other === ABSENT) return one === other;
  return sameAtom(one, other);
}

/** What was read and then written to is not what it was. */
export function staleWrite(node: StateNode, key?: Primitive): HoldfastError {
  return conflict(
    `${where(node, key)} was changed by another action after this one had read it and before it ` +
      "wrote to it, so a change would have been lost.",
  );
}

/** What was written is not what it was when it was written. */
export function overwritten(node: StateNode, key?: Primitive): HoldfastError {
  return conflict(
    `${where(node, key)} was changed by another action after this one had written to it.`,
  );
}

export function removedByOthers(node: StateNode): HoldfastError {
  return conflict(`${where(node)}, which this action wrote to, was removed by another action.`);
}

/** In serializable mode: what was read is not what it was. */
export function staleRead(node: StateNode, key?: Primitive): HoldfastError {
  return conflict(`${where(node, key)} was changed by another action after this one had read it.`);
}

function conflict(what: string): HoldfastError {
  return new HoldfastError(
    "CONFLICT",
    `${what} Nothing of this action that it had not published has happened: run it again. To ` +
      "conflict less often, read state after the last await before you write it, or commit() early.",
  );
}

function where(node: StateNode, key?: Primitive): string {
  return formatPath(key === undefined ? pathOf(node) : [...pathOf(node), key]);
}
