import { encodeValue, kindOf, type Primitive, type Value } from "@holdfast/protocol";

/**
 * `next`, made of the nodes of `previous` wherever the two are equal, so that what did not change
 * keeps its identity: `previous` itself if nothing did. Changes neither. Looks only below nodes that
 * differ in identity: its cost is that of the part that was made anew.
 */
export function shareStructure(previous: Value, next: Value): Value {
  if (Object.is(previous, next)) return previous;
  const kind = kindOf(next);
  if (kind !== kindOf(previous) || typeof next !== "object" || next === null) return next;
  // What a reducer may have put there by mistake: nothing is known of it.
  if (kind === undefined) return next;
  // The casts below are true because the kinds say so.
  switch (kind) {
    case "object":
      return shareObject(previous as ObjectNode, next as ObjectNode);
    case "array":
      return shareArray(previous as ArrayNode, next as ArrayNode);
    case "Map":
      return shareMap(previous as MapNode, next as MapNode);
    // Sets, whose order is state, and all that is replaced as a whole.
    default:
      return textOf(previous) === textOf(next) ? previous : next;
  }
}

type ObjectNode = Readonly<Record<string, Value>>;
type ArrayNode = readonly Value[];
type MapNode = ReadonlyMap<Primitive, Value>;

function shareObject(previous: ObjectNode, next: ObjectNode): Value {
  const keys = Object.keys(next);
  let isPrevious = keys.length === Object.keys(previous).length;
  let shared: Record<string, Value> | undefined;
  for (const key of keys) {
    const before = Object.hasOwn(previous, key) ? previous[key] : undefined;
    // True because `key` is a key of `next`.
    const after = next[key] as Value;
    const child = shareStructure(before, after);
    // An absent key is not one that holds undefined.
    if (!Object.is(child, before) || (child === undefined && !Object.hasOwn(previous, key))) {
      isPrevious = false;
    }
    if (Object.is(child, after)) continue;
    shared ??= { ...next };
    shared[key] = child;
  }
  return isPrevious ? previous : (shared ?? next);
}

/**
 * Items are matched from both ends, so that an item that came or went leaves the others alone. In
 * between they are matched by position, but never one that merely moved there: it has its identity.
 */
function shareArray(previous: ArrayNode, next: ArrayNode): Value {
  const shared = next.slice();
  const common = Math.min(previous.length, next.length);
  let start = 0;
  while (start < common && adopt(start, start)) start++;
  if (start === common && previous.length === next.length) return previous;
  let behind = 0;
  while (behind < common - start && adopt(previous.length - 1 - behind, next.length - 1 - behind)) {
    behind++;
  }
  if (previous.length === next.length) {
    const known = new Set(previous.slice(start, previous.length - behind));
    for (let index = start; index < next.length - behind; index++) {
      if (!known.has(next[index])) shared[index] = shareStructure(previous[index], next[index]);
    }
  }
  return shared.every((item, index) => Object.is(item, next[index])) ? next : shared;

  function adopt(from: number, to: number): boolean {
    if (!Object.is(shareStructure(previous[from], next[to]), previous[from])) return false;
    shared[to] = previous[from];
    return true;
  }
}

/** The order of a Map is state: equal ones have their entries in the same order. */
function shareMap(previous: MapNode, next: MapNode): Value {
  let isPrevious = previous.size === next.size;
  let isNext = true;
  const shared = new Map<Primitive, Value>();
  const keysBefore = previous.keys();
  for (const [key, after] of next) {
    const before = previous.get(key);
    const child = shareStructure(before, after);
    shared.set(key, child);
    if (!Object.is(keysBefore.next().value, key) || !Object.is(child, before)) isPrevious = false;
    if (!Object.is(child, after)) isNext = false;
  }
  if (isPrevious) return previous;
  return isNext ? next : shared;
}

/** A symbol, which equals no other, for what a reducer may have put there by mistake. */
function textOf(value: Value): string | symbol {
  try {
    return encodeValue(value);
  } catch {
    return Symbol();
  }
}
