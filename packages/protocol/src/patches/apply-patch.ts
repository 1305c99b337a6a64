import { EXPLAIN } from "#explain";
import { isPrimitive, kindOf } from "../codec/kind-of.ts";
import { HoldfastError } from "../errors.ts";
import type { AddPatch, MembersPatch, OrderPatch, Patch, SplicePatch } from "../patch.ts";
import { formatPath } from "../path.ts";
import type { Primitive, Value } from "../value.ts";
import { keysChanged } from "./copy-container.ts";

/** What applying in place and applying to a copy do differently. */
export interface Containers {
  /** The container itself if this run may change it, otherwise a shallow copy that it may change. */
  own<T extends object>(container: T): T;
  /** A value out of a patch, as it goes into the state. */
  take(value: Value): Value;
}

type Keyed = Record<string, Value>;
type Entries = Map<Primitive, Value>;
type Members = Set<Primitive>;

/** Most arguments that are spread into one call: far more would overflow the stack. */
const SPREAD_ITEMS = 1_000;

/**
 * The root after one patch: the same reference where it was changed in place, or not at all.
 *
 * @throws HoldfastError `PATCH_INVALID`, naming the path.
 */
export function applyPatch(root: Value, patch: Patch, containers: Containers): Value {
  return descend(root, patch, 0, containers);
}

/** The casts of this file are true because `kindOf` has just said so, and the state is owned. */
function descend(value: Value, patch: Patch, depth: number, containers: Containers): Value {
  const left = patch.path.length - depth;
  if (left === 0) return applyHere(value, patch, containers);
  const segment = patch.path[depth];
  if (left === 1 && patch.op === "add") return addTo(value, segment, patch, containers);
  const child = childOf(value, segment, patch);
  if (left === 1 && patch.op === "remove") return removeFrom(value, segment, containers);
  const next = descend(child, patch, depth + 1, containers);
  // Changed in place, or replaced by what was there.
  if (Object.is(next, child)) return value;
  const parent = containers.own(value as Keyed | Entries);
  if (parent instanceof Map) parent.set(segment, next);
  else parent[segment as string] = next;
  return parent;
}

/** Own members only: an inherited one is never a place. */
function childOf(value: Value, segment: Primitive, patch: Patch): Value {
  switch (kindOf(value)) {
    case "object":
      if (typeof segment === "string" && Object.hasOwn(value as Keyed, segment)) {
        return (value as Keyed)[segment];
      }
      break;
    case "array":
      if (isIndex(segment, (value as Value[]).length - 1)) return (value as Value[])[segment];
      break;
    case "Map":
      if ((value as Entries).has(segment)) return (value as Entries).get(segment);
      break;
  }
  return refuse(patch, EXPLAIN && `nothing stands at ${describe(segment)}`);
}

function addTo(value: Value, segment: Primitive, patch: AddPatch, containers: Containers): Value {
  const child = containers.take(patch.value);
  switch (kindOf(value)) {
    case "object": {
      if (typeof segment !== "string" || segment === "__proto__") break;
      if (Object.hasOwn(value as Keyed, segment)) break;
      const object = containers.own(value as Keyed);
      object[segment] = child;
      keysChanged(object);
      return object;
    }
    case "array": {
      if (!isIndex(segment, (value as Value[]).length)) break;
      const array = containers.own(value as Value[]);
      array.splice(segment, 0, child);
      return array;
    }
    case "Map": {
      if ((value as Entries).has(segment)) break;
      return containers.own(value as Entries).set(segment, child);
    }
  }
  return refuse(
    patch,
    EXPLAIN && `nothing can be added at ${describe(segment)}, or something stands there`,
  );
}

function removeFrom(value: Value, segment: Primitive, containers: Containers): Value {
  const parent = containers.own(value as Keyed | Value[] | Entries);
  if (parent instanceof Map) parent.delete(segment);
  else if (Array.isArray(parent)) parent.splice(segment as number, 1);
  else {
    delete parent[segment as string];
    keysChanged(parent);
  }
  return parent;
}

function applyHere(value: Value, patch: Patch, containers: Containers): Value {
  const kind = kindOf(value);
  switch (patch.op) {
    case "replace":
      return containers.take(patch.value);
    case "splice":
      if (kind === "array") return splice(value as Value[], patch, containers);
      break;
    case "order":
      if (kind === "array" || kind === "Map" || kind === "Set") {
        return order(value as Value[] | Entries | Members, patch, containers);
      }
      break;
    case "members":
      if (kind === "Set") return changeMembers(value as Members, patch, containers);
      break;
    case "append":
      if (kind === "string" && typeof patch.value === "string")
        return (value as string) + patch.value;
      break;
  }
  return refuse(patch, EXPLAIN && `it does not apply to ${kind}`);
}

function splice(value: Value[], patch: SplicePatch, containers: Containers): Value {
  const { index, remove } = patch;
  if (!isIndex(index, value.length) || !isIndex(remove, value.length - index)) {
    return refuse(
      patch,
      EXPLAIN && `${remove} items at ${index} are not within its ${value.length}`,
    );
  }
  const array = containers.own(value);
  const items = patch.value.map((item) => containers.take(item));
  if (items.length <= SPREAD_ITEMS) array.splice(index, remove, ...items);
  else {
    const tail = array.splice(index);
    for (const item of items) array.push(item);
    for (const item of tail.slice(remove)) array.push(item);
  }
  return array;
}

function order(
  value: Value[] | Entries | Members,
  patch: OrderPatch,
  containers: Containers,
): Value {
  const { permutation } = patch;
  const items: unknown[] = [...value];
  const places = new Set(permutation);
  const fits = permutation.every((place) => isIndex(place, items.length - 1));
  if (!fits || permutation.length !== items.length || places.size !== items.length) {
    return refuse(patch, EXPLAIN && `it is no permutation of 0 to ${items.length - 1}`);
  }
  const ordered = permutation.map((place) => items[place]);
  const container = containers.own(value);
  if (Array.isArray(container))
    for (const [index, item] of ordered.entries()) container[index] = item as Value;
  else {
    container.clear();
    if (container instanceof Map)
      for (const entry of ordered) container.set(...(entry as [Primitive, Value]));
    else for (const member of ordered) container.add(member as Primitive);
  }
  return container;
}

function changeMembers(value: Members, patch: MembersPatch, containers: Containers): Value {
  const set = containers.own(value);
  for (const member of patch.remove) {
    if (!set.delete(member)) refuse(patch, EXPLAIN && `${describe(member)} is no member to remove`);
  }
  for (const member of patch.value) {
    if (!isPrimitive(member) || set.has(member))
      refuse(patch, EXPLAIN && `${describe(member)} cannot be added, or is a member`);
    set.add(member);
  }
  return set;
}

function isIndex(segment: Primitive, max: number): segment is number {
  return Number.isInteger(segment) && (segment as number) >= 0 && (segment as number) <= max;
}

function describe(segment: Primitive): string {
  return formatPath([segment], "").replace(/^\./, "");
}

function refuse(patch: Patch, problem: string | false): never {
  throw new HoldfastError(
    "PATCH_INVALID",
    EXPLAIN &&
      `The patch "${patch.op}" does not fit ${formatPath(patch.path)}: ${problem}. ` +
        "The two sides are at different states; the state has to be sent again.",
  );
}
