import { cloneValue, formatPath, HoldfastError, isPrimitive } from "@holdfast/protocol";
import type { Primitive } from "@holdfast/protocol";
import { assertTextFits } from "../intake.ts";
import { pathOf } from "../node.ts";
import type { MapNode, SetNode } from "../node.ts";
import type { Scope } from "../tracked.ts";

/**
 * A key of a Map or a member of a Set, as the tree holds it.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` for what is not a primitive, `VALUE_TOO_LARGE`
 */
export function assertEntryKey(scope: Scope, node: MapNode | SetNode, key: unknown): Primitive {
  if (!isPrimitive(key)) refuseKey(node, key);
  if (typeof key === "string") {
    assertTextFits(key, scope, () => `a ${nameOf(node)} of ${formatPath(pathOf(node))}`);
  } else if (typeof key === "bigint") cloneValue(key, pathOf(node));
  // True by the first check.
  return key as Primitive;
}

function refuseKey(node: MapNode | SetNode, key: unknown): never {
  const [kind, advice] =
    node instanceof Map
      ? ["Map key", "Use an id as the key."]
      : ["member of a Set", "Use ids, or an array."];
  throw new HoldfastError(
    "VALUE_UNSUPPORTED",
    `${formatPath(pathOf(node))} cannot have a ${typeof key} as a ${kind}: only primitives are ` +
      `found again after a copy. ${advice}`,
  );
}

function nameOf(node: MapNode | SetNode): string {
  return node instanceof Map ? "key" : "member";
}
