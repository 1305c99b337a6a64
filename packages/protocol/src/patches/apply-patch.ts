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

/*
 * The casts of this file are true because `kindOf` has just said what a value is, and because what
 * is changed is owned.
 */
type Fields = Record<Primitive & PropertyKey, Value>;
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

function descend(value: Value, patch: Patch, depth: number, containers: Containers): Value {
  const left = patch.path.length - depth;
  if (left === 0) return applyHere(value, patch, containers);
  const segment = patch.path[depth];
  if (left === 1 && patch.op === "add") return add(value, segment, patch, containers);
  if (!holds(value, segment)) refuse(patch, EXPLAIN && `nothing stands at ${describe(segment)}`);
  if (left === 1 && patch.op === "remove") return remove(value, segment, containers);
  const child = value instanceof Map ? value.get(segment) : (value as Fields)[segment as string];
  const next = descend(child, patch, depth + 1, containers);
  // Changed in place, or replaced by what was there.
  if (Object.is(next, child)) return value;
  const parent = containers.own(value as Entries | Fields);
  put(parent, segment, next);
  return parent;
}

/** Own members only: an inherited one is never a place. */
function holds(value: Value, segment: Primitive): boolean {
  switch (kindOf(value)) {
    case "object":
      return typeof segment === "string" && Object.hasOwn(value as Fields, segment);
    case "array":
      return isIndex(segment, (value as Value[]).length - 1);
    case "Map":
      return (value as Entries).has(segment);
    default:
      return false;
  }
}

function put(parent: Entries | Fields, segment: Primitive, child: Value): void {
  if (parent instanceof Map) parent.set(segment, child);
  else parent[segment as string] = child;
}

function add(value: Value, segment: Primitive, patch: AddPatch, containers: Containers): Value {
  const kind = kindOf(value);
  const child = containers.take(patch.value);
  if (kind === "array" && isIndex(segment, (value as Value[]).length)) {
    const array = containers.own(value as Value[]);
    array.splice(segment, 0, child);
    return array;
  }
  const isPlace =
    kind === "Map" || (kind === "object" && typeof segment === "string" && segment !== "__proto__");
  if (!isPlace || holds(value, segment)) {
    refuse(
      patch,
      EXPLAIN && `nothing can be added at ${describe(segment)}, or something stands there`,
    );
  }
  const parent = containers.own(value as Entries | Fields);
  put(parent, segment, child);
  keysChanged(parent);
  return parent;
}

function remove(value: Value, segment: Primitive, containers: Containers): Value {
  const parent = containers.own(value as Fields | Value[] | Entries);
  if (parent instanceof Map) parent.delete(segment);
  else if (Array.isArray(parent)) parent.splice(segment as number, 1);
  else delete parent[segment as string];
  keysChanged(parent);
  return parent;
}

function applyHere(value: Value, patch: Patch, containers: Containers): Value {
  const kind = kindOf(value);
  if (patch.op === "replace") return containers.take(patch.value);
  if (patch.op === "append" && kind === "string") return (value as string) + patch.value;
  if (patch.op === "splice" && kind === "array") return splice(value as Value[], patch, containers);
  if (patch.op === "members" && kind === "Set") {
    return changeMembers(value as Members, patch, containers);
  }
  if (patch.op === "order" && (kind === "array" || kind === "Map" || kind === "Set")) {
    return order(value as Value[] | Entries | Members, patch, containers);
  }
  return refuse(patch, EXPLAIN && `it does not apply to ${kind}`);
}

function splice(value: Value[], patch: SplicePatch, containers: Containers): Value {
  const { index, remove: count } = patch;
  if (!isIndex(index, value.length) || !isIndex(count, value.length - index)) {
    refuse(patch, EXPLAIN && `${count} items at ${index} are not within its ${value.length}`);
  }
  const array = containers.own(value);
  const items = patch.value.map((item) => containers.take(item));
  if (items.length > SPREAD_ITEMS) {
    const tail = array.splice(index);
    for (const item of items) array.push(item);
    for (const item of tail.slice(count)) array.push(item);
  } else array.splice(index, count, ...items);
  return array;
}

function order(
  value: Value[] | Entries | Members,
  patch: OrderPatch,
  containers: Containers,
): Value {
  const { permutation } = patch;
  const items: unknown[] = [...value];
  const isPermutation =
    permutation.length === items.length &&
    new Set(permutation).size === items.length &&
    permutation.every((place) => isIndex(place, items.length - 1));
  if (!isPermutation) {
    refuse(patch, EXPLAIN && `it is no permutation of 0 to ${items.length - 1}`);
  }
  const container = containers.own(value);
  if (!Array.isArray(container)) container.clear();
  for (const [index, place] of permutation.entries()) {
    const item = items[place];
    if (container instanceof Set) container.add(item as Primitive);
    else if (container instanceof Map) container.set(...(item as [Primitive, Value]));
    else container[index] = item as Value;
  }
  return container;
}

function changeMembers(value: Members, patch: MembersPatch, containers: Containers): Value {
  const set = containers.own(value);
  for (const member of patch.remove) {
    if (!set.delete(member)) refuse(patch, EXPLAIN && `${describe(member)} is no member to remove`);
  }
  for (const member of patch.value) {
    if (set.has(member) || !isPrimitive(member)) {
      refuse(patch, EXPLAIN && `${describe(member)} cannot be added, or is a member`);
    }
    set.add(member);
  }
  return set;
}

function isIndex(segment: Primitive, most: number): segment is number {
  return Number.isInteger(segment) && (segment as number) >= 0 && (segment as number) <= most;
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
