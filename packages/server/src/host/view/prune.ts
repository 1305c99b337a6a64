import { kindOf, type Primitive, type Value, type ValueObject } from "@holdfast/protocol";
import type { ViewPlace } from "./view-place.ts";

/**
 * A value as a viewer sees it who sees something of its place. Parts that are seen whole are shared
 * with the value: encode it before the next write.
 */
export function prune(value: Value, place: ViewPlace): Value {
  if (place.status === "shown") return value;
  // The casts are true by what `kindOf` says.
  switch (kindOf(value)) {
    case "object":
      return pruneObject(value as ValueObject, place);
    case "array":
      return pruneItems(value as readonly Value[], place);
    case "Map":
      return pruneMap(value as ReadonlyMap<Primitive, Value>, place);
    case "Set":
      return new Set(seenMembers([...(value as ReadonlySet<Primitive>)], place));
    default:
      // It has no places inside, so a place that is mixed is seen.
      return place.status === "partial" ? null : value;
  }
}

/** The items of an array, or some of them, as a viewer sees them: all, or none. */
export function pruneItems(items: readonly Value[], array: ViewPlace): readonly Value[] {
  const place = array.item();
  if (place.status === "hidden") return [];
  return place.status === "shown" ? items : items.map((item) => prune(item, place));
}

/** The members of a Set, or some of them, that a viewer sees. */
export function seenMembers(members: readonly Primitive[], set: ViewPlace): readonly Primitive[] {
  // Nothing is in a member, so one that is hidden but for what is in it is hidden.
  return members.filter((member) => isSeen(set.child(member)));
}

function isSeen({ status }: ViewPlace): boolean {
  return status === "shown" || status === "mixed";
}

function pruneObject(value: ValueObject, place: ViewPlace): ValueObject {
  const pruned: Record<string, Value> = {};
  for (const [key, item] of Object.entries(value)) {
    const child = place.child(key);
    if (child.status !== "hidden") pruned[key] = prune(item, child);
  }
  return pruned;
}

function pruneMap(value: ReadonlyMap<Primitive, Value>, place: ViewPlace): Map<Primitive, Value> {
  const pruned = new Map<Primitive, Value>();
  for (const [key, item] of value) {
    const child = place.child(key);
    if (child.status !== "hidden") pruned.set(key, prune(item, child));
  }
  return pruned;
}
