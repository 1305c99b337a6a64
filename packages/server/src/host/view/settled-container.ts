import { kindOf, type Patch, type Path, type Primitive, type Value } from "@holdfast/protocol";
import type { ContainerAt } from "./filter-patches.ts";

/**
 * Finds containers in `state`, which is that after all of `commits`, where that is the container that was
 * there before and in between as well: none of the commits has put another one in its place.
 */
export function settledContainer(
  state: () => Value,
  commits: readonly (readonly Patch[])[],
): ContainerAt {
  return (path) => {
    const isMoved = commits.some((patches) => patches.some((patch) => moves(patch, path)));
    return isMoved ? undefined : at(state(), path);
  };
}

/** Whether the patch puts another container at `path`, or the container elsewhere. */
function moves({ op, path: place }: Patch, path: Path): boolean {
  switch (op) {
    case "replace":
      return isAbove(place, path);
    case "add":
    case "remove": {
      // Perhaps in an array: then all that is behind has another index.
      const isIndex = typeof place.at(-1) === "number";
      return isIndex ? isAbove(place.slice(0, -1), path.slice(0, -1)) : isAbove(place, path);
    }
    case "splice":
    case "order":
      return place.length < path.length && isAbove(place, path);
    case "members":
    case "append":
      return false;
  }
}

function isAbove(place: Path, path: Path): boolean {
  return place.length <= path.length && place.every((segment, depth) => segment === path[depth]);
}

function at(state: Value, path: Path): Value | undefined {
  let value: Value | undefined = state;
  for (const segment of path) value = within(value, segment);
  return value;
}

/** The casts are true by what `kindOf` says. */
function within(value: Value | undefined, segment: Primitive): Value | undefined {
  switch (kindOf(value)) {
    case "object":
    case "array": {
      const container = value as Readonly<Record<PropertyKey, Value>>;
      return Object.hasOwn(container, segment as PropertyKey)
        ? container[segment as PropertyKey]
        : undefined;
    }
    case "Map":
      return (value as ReadonlyMap<Primitive, Value>).get(segment);
    default:
      return undefined;
  }
}
