import {
  formatPath,
  HoldfastError,
  isPrimitive,
  type Patch,
  type Primitive,
} from "@holdfast/protocol";

/*
 * Applies patches to tracked state, by the rules of P71 to P74. The casts of this file are true
 * because each kind is asked for first.
 */
type Fields = Record<string, unknown>;
type Entries = Map<Primitive, unknown>;

/** Most arguments that are spread into one call: far more would overflow the stack. */
const SPREAD_ITEMS = 1_000;

/**
 * Makes one patch of a client on tracked state.
 *
 * @throws HoldfastError `PATCH_INVALID`, naming the path
 */
export function applyClientPatch(state: object, patch: Patch): void {
  const { path } = patch;
  const key = path.at(-1);
  if (path.length === 0) refuse(patch, "the state as a whole cannot be written");
  let parent: unknown = state;
  for (const segment of path.slice(0, -1)) {
    if (!holds(parent, segment)) refuse(patch, "there is no such place");
    parent = read(parent, segment);
  }
  switch (patch.op) {
    case "add":
      add(parent, key, patch);
      break;
    case "replace":
      if (!holds(parent, key)) refuse(patch, "nothing stands there");
      write(parent, key, patch.value);
      break;
    case "remove":
      if (!holds(parent, key)) refuse(patch, "nothing stands there");
      if (Array.isArray(parent)) parent.splice(key as number, 1);
      else if (parent instanceof Map) parent.delete(key);
      else delete (parent as Fields)[key as string];
      break;
    default:
      if (!holds(parent, key)) refuse(patch, "nothing stands there");
      change(parent, key, patch);
  }
}

function add(parent: unknown, key: Primitive, patch: Patch & { op: "add" }): void {
  if (Array.isArray(parent) && isIndex(key, parent.length)) parent.splice(key, 0, patch.value);
  else if (canHold(parent, key) && !holds(parent, key)) write(parent, key, patch.value);
  else refuse(patch, "nothing can be added there, or something stands there");
}

/** Changes what stands at a place from within. */
function change(
  parent: unknown,
  key: Primitive,
  patch: Exclude<Patch, { op: "add" | "replace" | "remove" }>,
): void {
  const value = read(parent, key);
  if (patch.op === "append" && typeof value === "string") write(parent, key, value + patch.value);
  else if (patch.op === "splice" && Array.isArray(value)) splice(value, patch);
  else if (patch.op === "members" && value instanceof Set) {
    for (const member of patch.remove) {
      if (!value.delete(member)) refuse(patch, "it has no such member to remove");
    }
    for (const member of patch.value) {
      if (value.has(member) || !isPrimitive(member)) refuse(patch, "it has that member already");
      value.add(member);
    }
  } else if (patch.op === "order") order(parent, key, value, patch);
  else refuse(patch, "it does not apply to what stands there");
}

function splice(array: unknown[], patch: Patch & { op: "splice" }): void {
  const { index, remove, value } = patch;
  if (!isIndex(index, array.length) || !isIndex(remove, array.length - index)) {
    refuse(patch, "the items are not within the array");
  }
  array.splice(index, remove, ...value.slice(0, SPREAD_ITEMS));
  for (let at = SPREAD_ITEMS; at < value.length; at += SPREAD_ITEMS) {
    array.splice(index + at, 0, ...value.slice(at, at + SPREAD_ITEMS));
  }
}

function order(
  parent: unknown,
  key: Primitive,
  value: unknown,
  patch: Patch & { op: "order" },
): void {
  const isOrdered = Array.isArray(value) || value instanceof Map || value instanceof Set;
  const items: unknown[] = isOrdered ? [...(value as Iterable<unknown>)] : [];
  const { permutation } = patch;
  const isPermutation =
    isOrdered &&
    permutation.length === items.length &&
    new Set(permutation).size === items.length &&
    permutation.every((place) => isIndex(place, items.length - 1));
  if (!isPermutation) refuse(patch, "it is no permutation of what is in there");
  const ordered = permutation.map((place) => items[place]);
  if (Array.isArray(value)) write(parent, key, ordered);
  else if (value instanceof Set) {
    value.clear();
    for (const member of ordered) value.add(member);
  } else {
    const map = value as Entries;
    // One at a time: an entry that is taken out and put back is moved, not copied.
    for (const [name, item] of ordered as [Primitive, unknown][]) {
      map.delete(name);
      map.set(name, item);
    }
  }
}

function canHold(parent: unknown, key: Primitive): boolean {
  if (parent instanceof Map) return true;
  return isFields(parent) && typeof key === "string" && key !== "__proto__";
}

/** Own members only: an inherited one is never a place. */
function holds(parent: unknown, key: Primitive): boolean {
  if (Array.isArray(parent)) return isIndex(key, parent.length - 1);
  if (parent instanceof Map) return parent.has(key);
  return isFields(parent) && typeof key === "string" && Object.hasOwn(parent, key);
}

function isFields(parent: unknown): parent is Fields {
  if (typeof parent !== "object" || parent === null || Array.isArray(parent)) return false;
  const prototype: unknown = Object.getPrototypeOf(parent);
  return prototype === Object.prototype || prototype === null;
}

function read(parent: unknown, key: Primitive): unknown {
  return parent instanceof Map ? parent.get(key) : (parent as Fields)[key as string];
}

function write(parent: unknown, key: Primitive, value: unknown): void {
  if (parent instanceof Map) parent.set(key, value);
  else (parent as Fields)[key as string] = value;
}

function isIndex(segment: Primitive, most: number): segment is number {
  return Number.isInteger(segment) && (segment as number) >= 0 && (segment as number) <= most;
}

function refuse(patch: Patch, problem: string): never {
  throw new HoldfastError(
    "PATCH_INVALID",
    `The patch "${patch.op}" does not fit ${formatPath(patch.path)}: ${problem}.`,
  );
}
