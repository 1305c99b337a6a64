import type { Value } from "@holdfast/protocol";
import { sameAtom } from "../atom.ts";
import { inOrder } from "../in-order.ts";
import { isNode, nodeKindOf } from "../node.ts";
import type { ArrayNode, MapNode, ObjectNode, SetNode, StateNode } from "../node.ts";
import type { Base } from "./base.ts";

/** What is known of the changes of a transaction. */
export interface Changes {
  readonly base: Base;
  hasChanged(node: StateNode): boolean;
}

/** Whether what `before` was when the transaction began equals what `after` is now. */
export function isEqual(changes: Changes, before: Value, after: Value): boolean {
  if (!isNode(before) || !isNode(after)) return sameAtom(before, after);
  if (before === after) return !changes.hasChanged(after);
  if (nodeKindOf(before) !== nodeKindOf(after)) return false;
  const { base } = changes;
  // The casts are true because both are of the same kind.
  if (Array.isArray(after)) return equalItems(changes, base.itemsOf(before as ArrayNode), after);
  if (after instanceof Map || after instanceof Set) {
    inOrder(after);
    const entries = base.entriesOf(before as MapNode | SetNode);
    return (
      equalItems(changes, [...entries.keys()], [...after.keys()]) &&
      equalItems(changes, [...entries.values()], [...after.values()])
    );
  }
  return equalFields(changes, base.fieldsOf(before as ObjectNode), after);
}

function equalItems(changes: Changes, before: readonly Value[], after: readonly Value[]): boolean {
  return (
    before.length === after.length &&
    after.every((item, index) => isEqual(changes, before[index], item))
  );
}

function equalFields(changes: Changes, before: ObjectNode, after: ObjectNode): boolean {
  const keys = Object.keys(after);
  return (
    keys.length === Object.keys(before).length &&
    keys.every((key) => Object.hasOwn(before, key) && isEqual(changes, before[key], after[key]))
  );
}
