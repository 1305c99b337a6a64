import { kindOf, type Patch, type Path, type Primitive, type Value } from "@holdfast/protocol";
import { prune, pruneItems, seenMembers } from "./prune.ts";
import type { ViewPlace } from "./view-place.ts";

/**
 * The container that the path leads to when its patch was made; `undefined` where nobody can tell.
 * A path does not say by itself whether a number is an index or a Map's key.
 */
export type ContainerAt = (path: Path) => Value | undefined;

/**
 * The patches that take what a viewer saw before to what it sees afterwards. `undefined` where that
 * cannot be said without the state of then: the viewer has to be given a snapshot.
 */
export function filterPatches(
  patches: readonly Patch[],
  root: ViewPlace,
  containerAt: ContainerAt,
): Patch[] | undefined {
  const seen: Patch[] = [];
  for (const patch of patches) {
    const place = placeOf(patch.path, root, containerAt);
    if (!place) return undefined;
    if (place.status === "hidden") continue;
    const filtered = place.status === "shown" ? patch : filterPatch(patch, place, containerAt);
    if (filtered === UNKNOWN) return undefined;
    if (filtered) seen.push(filtered);
  }
  return seen;
}

function placeOf(path: Path, root: ViewPlace, containerAt: ContainerAt): ViewPlace | undefined {
  let place = root;
  for (const [depth, segment] of path.entries()) {
    const next = below(place, segment, () => containerAt(path.slice(0, depth)));
    if (!next) return undefined;
    place = next;
    if (place.status === "shown" || place.status === "hidden") break;
  }
  return place;
}

function below(
  place: ViewPlace,
  segment: Primitive,
  container: () => Value | undefined,
): ViewPlace | undefined {
  const child = place.child(segment);
  if (typeof segment !== "number") return child;
  const item = place.item();
  if (child === item) return child;
  const kind = kindOf(container());
  if (kind === "array") return item;
  return kind === "Map" ? child : undefined;
}

const UNKNOWN = "unknown";

/** `undefined`: there is nothing to see of it. */
function filterPatch(
  patch: Patch,
  place: ViewPlace,
  containerAt: ContainerAt,
): Patch | typeof UNKNOWN | undefined {
  switch (patch.op) {
    case "add":
    case "replace":
      return { ...patch, value: prune(patch.value, place) };
    case "remove":
      return patch;
    case "append":
      return place.status === "mixed" ? patch : undefined;
    case "splice":
      if (place.item().status === "hidden") return undefined;
      return { ...patch, value: pruneItems(patch.value, place) };
    case "members": {
      const remove = seenMembers(patch.remove, place);
      const value = seenMembers(patch.value, place);
      return remove.length + value.length > 0 ? { ...patch, remove, value } : undefined;
    }
    case "order":
      return filterOrder(patch, place, containerAt);
  }
}

/** A permutation says how many there are: it is passed on only where all of them are seen. */
function filterOrder(
  patch: Extract<Patch, { op: "order" }>,
  place: ViewPlace,
  containerAt: ContainerAt,
): Patch | typeof UNKNOWN | undefined {
  const item = place.item();
  const kind = kindOf(containerAt(patch.path));
  if (kind === "array") return item.status === "hidden" ? undefined : patch;
  if (!place.isUniform) return UNKNOWN;
  if (item.status === "hidden") return undefined;
  // Members of a Set that are hidden but for what is in them are hidden.
  return item.status !== "partial" || kind === "Map" ? patch : UNKNOWN;
}
