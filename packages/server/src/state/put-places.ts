import { kindOf, type Primitive, type Value } from "@holdfast/protocol";
import type { PlaceKind, WrittenPlace } from "./written-places.ts";

/** What `putPlaces` needs to know of a place. */
export type Place = Pick<WrittenPlace, "path" | "kinds" | "now">;

/**
 * Does on another state what was done at these places. A container that is not there, or is another
 * one there, is made: an empty one, since what stood beside the place was not written.
 *
 * @param state tracked or plain
 */
export function putPlaces(state: object, places: readonly Place[]): void {
  for (const { path, kinds, now } of places) {
    let container = state;
    for (const [at, key] of path.slice(0, -1).entries()) {
      // As many kinds as segments.
      container = containerAt(container, key, kinds[at + 1] as PlaceKind);
    }
    const key = path.at(-1);
    if (now) put(container, key, now.value);
    else remove(container, key);
  }
}

function containerAt(container: object, key: Primitive, kind: PlaceKind): object {
  const present = read(container, key);
  if (kindOf(present) === kind) return present as object;
  put(container, key, EMPTY[kind]());
  // Read again: a tracked container gives its own, not what it was given.
  return read(container, key) as object;
}

const EMPTY: Readonly<Record<PlaceKind, () => Value>> = {
  object: () => ({}),
  Map: () => new Map(),
  Set: () => new Set(),
};

function read(container: object, key: Primitive): unknown {
  if (container instanceof Map) return container.get(key);
  const name = String(key);
  return Object.hasOwn(container, name) ? (container as Record<string, unknown>)[name] : undefined;
}

function put(container: object, key: Primitive, value: Value): void {
  if (container instanceof Map) container.set(key, value);
  else if (container instanceof Set) container.add(key);
  else (container as Record<string, Value>)[String(key)] = value;
}

function remove(container: object, key: Primitive): void {
  if (container instanceof Map || container instanceof Set) container.delete(key);
  else delete (container as Record<string, unknown>)[String(key)];
}
