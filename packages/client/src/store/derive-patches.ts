import {
  decodeValue,
  encodeValue,
  kindOf,
  type Patch,
  type Path,
  type Place,
  placesOf,
  type Primitive,
  type Value,
} from "@holdfast/protocol";
import { arrayPatches, type ItemDerivation } from "./array-patches.ts";
import { identityOf } from "./item-identity.ts";
import { orderOf } from "./order-of.ts";
import { shareStructure } from "./share-structure.ts";

type ObjectNode = Readonly<Record<string, Value>>;
type MapNode = ReadonlyMap<Primitive, Value>;
type SetNode = ReadonlySet<Primitive>;

/** What a derivation keeps to. */
export interface DerivationLimits {
  readonly depth: number;
  readonly patchesPerClientPatch: number;
}

/**
 * The patches that make `next` of `previous`: few, whatever a recipe did to get there, and without
 * what cancels out. Parts that are the same object are not looked into, so it costs what the parts
 * cost that were made anew. Values are copied: nothing that the recipe was given gets into the state.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path
 */
export function derivePatches(previous: Value, next: Value, limits: DerivationLimits): Patch[] {
  const derivation = new Derivation(limits);
  derivation.compare([], previous, next);
  return derivation.patches;
}

/** The places that such patches change. */
export function derivedPlaces(patches: readonly Patch[]): readonly Place[] {
  // Of arrays only splices are told, so that a number at the end is a Map's key.
  return placesOf(patches, () => false);
}

/** Compares one state with another, place by place. */
class Derivation implements ItemDerivation {
  readonly patches: Patch[] = [];
  readonly #limits: DerivationLimits;

  constructor(limits: DerivationLimits) {
    this.#limits = limits;
  }

  compare(path: Path, previous: Value, next: Value): void {
    if (Object.is(previous, next)) return;
    const kind = kindOf(next);
    if (kind !== kindOf(previous) || kind === undefined || isExchanged(previous, next)) {
      this.replace(path, next);
      return;
    }
    const before = this.patches.length;
    // The casts are true because the kinds say so.
    switch (kind) {
      case "object":
        this.#compareObjects(path, previous as ObjectNode, next as ObjectNode);
        break;
      case "array":
        arrayPatches(this, path, previous as readonly Value[], next as readonly Value[]);
        break;
      case "Map":
        this.#compareMaps(path, previous as MapNode, next as MapNode);
        break;
      case "Set":
        this.#compareSets(path, previous as SetNode, next as SetNode);
        break;
      case "string":
        this.#compareTexts(path, previous as string, next as string);
        break;
      default:
        if (shareStructure(previous, next) !== previous) this.replace(path, next);
    }
    // So many cost more than the value, and no server takes them.
    if (this.patches.length - before <= this.#limits.patchesPerClientPatch || path.length === 0)
      return;
    this.patches.length = before;
    this.replace(path, next);
  }

  replace(path: Path, value: Value): void {
    this.patches.push({ op: "replace", path, value: this.copy(path, value) });
  }

  copy(path: Path, value: Value): Value {
    // As text, which is how it goes out: a second way to copy would be code that every page downloads.
    const { depth } = this.#limits;
    return decodeValue(encodeValue(value, path, { depth }), path, { depth });
  }

  #add(path: Path, value: Value): void {
    this.patches.push({ op: "add", path, value: this.copy(path, value) });
  }

  #compareObjects(path: Path, previous: ObjectNode, next: ObjectNode): void {
    for (const key of Object.keys(previous)) {
      if (!Object.hasOwn(next, key)) this.patches.push({ op: "remove", path: [...path, key] });
    }
    for (const key of Object.keys(next)) {
      const place = [...path, key];
      if (Object.hasOwn(previous, key)) this.compare(place, previous[key], next[key]);
      else this.#add(place, next[key]);
    }
  }

  #compareMaps(path: Path, previous: MapNode, next: MapNode): void {
    const keys: Primitive[] = [];
    for (const key of previous.keys()) {
      if (next.has(key)) keys.push(key);
      else this.patches.push({ op: "remove", path: [...path, key] });
    }
    for (const [key, value] of next) {
      const place = [...path, key];
      if (previous.has(key)) this.compare(place, previous.get(key), value);
      else {
        keys.push(key);
        this.#add(place, value);
      }
    }
    this.#order(path, keys, [...next.keys()]);
  }

  #compareSets(path: Path, previous: SetNode, next: SetNode): void {
    const remove = [...previous].filter((member) => !next.has(member));
    const value = [...next].filter((member) => !previous.has(member));
    // Copied for the check alone: members are primitives.
    for (const member of value) this.copy(path, new Set([member]));
    if (remove.length + value.length > 0) this.patches.push({ op: "members", path, remove, value });
    this.#order(path, [...[...previous].filter((member) => next.has(member)), ...value], [...next]);
  }

  #order(path: Path, keys: readonly Primitive[], wanted: readonly Primitive[]): void {
    const permutation = orderOf(keys, wanted);
    if (permutation) this.patches.push({ op: "order", path, permutation });
  }

  #compareTexts(path: Path, previous: string, next: string): void {
    if (previous === "" || !next.startsWith(previous)) this.replace(path, next);
    else this.patches.push({ op: "append", path, value: next.slice(previous.length) });
  }
}

/** One thing in the place of another: told whole, or it would be merged with what others do to that. */
function isExchanged(previous: Value, next: Value): boolean {
  return identityOf(previous) !== identityOf(next);
}
