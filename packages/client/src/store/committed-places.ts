import {
  kindOf,
  type Patch,
  type Path,
  type Place,
  placesOf,
  type Value,
} from "@holdfast/protocol";

/**
 * The places that a commit may have changed.
 *
 * @param state with it, and maybe with later ones
 */
export function committedPlaces(patches: readonly Patch[], state: Value): readonly Place[] {
  return placesOf(patches, (path) => isArrayAt(state, path)).map(whole);
}

/**
 * Patches do not say whether a thing was changed or exchanged for another one: whoever touches a field
 * of it touches all of it. The server knows, and would say `stale` later.
 */
function whole(place: Place): Place {
  const { path, from } = place;
  const item = path.findIndex((segment) => typeof segment === "number");
  if (item >= 0) return { path: path.slice(0, item + 1) };
  return from === undefined && path.length > 1 ? { path: path.slice(0, -1) } : place;
}

function isArrayAt(root: Value, path: Path): boolean {
  let value: Value = root;
  for (const segment of path) {
    if (value instanceof Map) value = value.get(segment);
    else if (typeof value === "object" && value !== null && Object.hasOwn(value, String(segment))) {
      // True because it has an own property of that name.
      value = (value as { readonly [key: string]: Value })[String(segment)];
    } else return true;
  }
  return kindOf(value) === "array";
}
