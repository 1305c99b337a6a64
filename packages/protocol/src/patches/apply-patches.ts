import { cloneValue } from "../codec/clone-value.ts";
import { isPrimitive } from "../codec/kind-of.ts";
import type { Patch } from "../patch.ts";
import type { Value } from "../value.ts";
import { applyPatch } from "./apply-patch.ts";
import type { Containers } from "./apply-patch.ts";
import { copyContainer } from "./copy-container.ts";

/**
 * The state after `patches`. Never changes `state` or the patches: what they touch is copied, once
 * however many touch it, and every untouched part keeps its identity; no patches, the same
 * reference. The values inside the patches become part of the new state, uncopied: treat them as
 * immutable from then on, like the state itself.
 *
 * @throws HoldfastError `PATCH_INVALID`, naming the path: a patch does not fit the state.
 * @example applyPatches({ count: 1 }, [{ op: "replace", path: ["count"], value: 2 }])
 */
export function applyPatches(state: Value, patches: readonly Patch[]): Value {
  return patches.length === 0 ? state : applyAll(state, patches, copying());
}

/**
 * `applyPatches` in place, for a state that nobody else holds (from `decodeValue`, `cloneValue` or
 * this function): costs what the changes cost, whatever the size of the state. Values are copied
 * out of the patches, so that the state stays the caller's alone.
 *
 * @returns the state; another reference only where a patch replaces the root.
 * @throws HoldfastError `PATCH_INVALID`, naming the path; the state is half changed then and must
 * be dropped.
 */
export function replayPatches(state: Value, patches: readonly Patch[]): Value {
  return applyAll(state, patches, IN_PLACE);
}

function applyAll(state: Value, patches: readonly Patch[], containers: Containers): Value {
  let next = state;
  for (const patch of patches) next = applyPatch(next, patch, containers);
  return next;
}

const IN_PLACE: Containers = {
  own: (container) => container,
  // What a patch holds was validated when it was decoded or derived.
  take: (value) => (isPrimitive(value) ? value : cloneValue(value, [], { depth: Infinity })),
};

function copying(): Containers {
  const copies = new Set<object>();
  return {
    own(container) {
      if (copies.has(container)) return container;
      const copy = copyContainer(container);
      copies.add(copy);
      return copy;
    },
    take: (value) => value,
  };
}
