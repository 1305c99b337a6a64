import { EXPLAIN } from "#explain";
import { HoldfastError } from "../errors.ts";
import type { Patch } from "../patch.ts";
import type { Path } from "../path.ts";
import type { Primitive } from "../value.ts";

/** What a patch touches: one place with all that is in it, or a range of an array's items. */
export interface Place {
  readonly path: Path;
  /** Of the array at `path`, the items from here … */
  readonly from?: number;
  /** … to here, exclusive; `Infinity` where what follows is moved. */
  readonly to?: number;
}

/** Whether an array stands at the path. A path alone does not tell an index from a Map's key. */
export type IsArray = (path: Path) => boolean;

/**
 * The places that patches touch, each as its own patch names it.
 *
 * A splice that changes the length touches all from its index on, since it moves what follows; one
 * that does not, only what it covers. An append to an array is a splice at its end.
 */
export function placesOf(patches: readonly Patch[], isArray: IsArray): Place[] {
  const places: Place[] = [];
  for (const patch of patches) addPlaces(places, patch, isArray);
  return places;
}

/**
 * Whether changes at one of `these` and at one of `those` touch the same: whether one place is a
 * prefix of the other, or their ranges overlap. Changes that do not meet may be made in either order,
 * as they are written, with the same outcome.
 */
export function meet(these: readonly Place[], those: readonly Place[]): boolean {
  return these.some((one) => those.some((other) => touches(one, other)));
}

function addPlaces(places: Place[], patch: Patch, isArray: IsArray): void {
  const { path } = patch;
  switch (patch.op) {
    case "add":
    case "remove": {
      const index = path.at(-1);
      const container = path.slice(0, -1);
      if (typeof index === "number" && isArray(container)) {
        places.push({ path: container, from: index, to: Infinity });
      } else places.push({ path });
      break;
    }
    case "splice": {
      const { index, remove, value } = patch;
      // One that changes nothing still says that there is such an index.
      const to = remove === value.length && remove > 0 ? index + remove : Infinity;
      places.push({ path, from: index, to });
      break;
    }
    case "members":
      // Members are primitives, so nothing else stands below a Set.
      for (const member of [...patch.remove, ...patch.value]) {
        places.push({ path: [...path, member] });
      }
      break;
    case "replace":
    case "order":
    case "append":
      places.push({ path });
      break;
    default:
      refuse(patch);
  }
}

function touches(one: Place, other: Place): boolean {
  const [upper, lower] = one.path.length <= other.path.length ? [one, other] : [other, one];
  if (!upper.path.every((segment, depth) => isSame(segment, lower.path[depth]))) return false;
  const { from, to = Infinity } = upper;
  if (lower.path.length > upper.path.length) {
    const segment = lower.path[upper.path.length];
    return from === undefined || (typeof segment === "number" && segment >= from && segment < to);
  }
  if (from === undefined || lower.from === undefined) return true;
  return from < (lower.to ?? Infinity) && lower.from < to;
}

/** As a Map compares its keys. */
function isSame(one: Primitive | undefined, other: Primitive | undefined): boolean {
  return one === other || (one !== one && other !== other);
}

function refuse(patch: never): never {
  throw new HoldfastError("INTERNAL", EXPLAIN && `There is no patch like ${String(patch)}.`);
}
