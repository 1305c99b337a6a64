import { kindOf } from "@holdfast/protocol";
import type { Patch, Path, Primitive, Value } from "@holdfast/protocol";

/** Numbers below `bound`, the same for the same seed (mulberry32). */
export type Random = (bound: number) => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * bound);
  };
}

/** A value of any kind; `size` is about how many values it holds. */
export function randomValue(random: Random, size: number): Value {
  const kind = random(size > 1 ? 18 : 9);
  switch (kind) {
    case 0:
      return random(1000);
    case 1:
      return "text ".repeat(random(4)) + ["é", "日本", "😀", "\u0001", '"'][random(5)];
    case 2:
      return [null, undefined, NaN, Infinity, -0, true][random(6)];
    case 3:
      return BigInt(random(1000)) ** 3n;
    case 4:
      return new Date(random(1_000_000));
    case 5:
      return new Uint8Array(random(size * 20)).map(() => random(256));
    case 6:
      return "長い".repeat(random(size * 10));
    case 7:
      return "😀a".repeat(random(size * 6));
    case 8:
      return { $: random(5), v: "not a tag" };
    case 9:
    case 10:
    case 11:
      return Array.from({ length: random(size) }, () => randomValue(random, size >> 2));
    case 12:
      return new Set(Array.from({ length: random(size * 2) }, () => randomKey(random)));
    case 13:
    case 14:
      return new Map(
        Array.from({ length: random(size) }, () => [
          randomKey(random),
          randomValue(random, size >> 2),
        ]),
      );
    default:
      return Object.fromEntries(
        Array.from({ length: random(size) }, () => [
          `k${random(5000)}`,
          randomValue(random, size >> 2),
        ]),
      );
  }
}

/** A patch that fits `state`, somewhere in it; large containers are met more often. */
export function randomPatch(random: Random, state: Value, growth: number): Patch {
  const path: Primitive[] = [];
  let value = state;
  for (;;) {
    const keys = placesOf(value);
    if (keys.length === 0 || (path.length > 0 && random(3) === 0) || path.length > 5) break;
    const key = keys[random(keys.length)];
    const child = at(value, key);
    // Atoms are changed by what their container offers.
    if (
      placesOf(child).length === 0 &&
      !(child instanceof Set) &&
      typeof child !== "string" &&
      random(2)
    )
      break;
    path.push(key);
    value = child;
  }
  return patchFor(random, value, path, growth);
}

function patchFor(random: Random, value: Value, path: Path, growth: number): Patch {
  const small = (): Value => randomValue(random, random(12) === 0 ? growth * 8 : growth >> 2);
  if (Array.isArray(value)) return arrayPatch(random, value, path, small);
  if (value instanceof Set) return setPatch(random, value, path);
  if (typeof value === "string" && random(3) > 0)
    return { op: "append", path, value: "…x".repeat(random(growth)) };
  const isMap = value instanceof Map;
  if (isMap || kindOf(value) === "object") {
    const keys = placesOf(value);
    const key = keys[random(keys.length)];
    const choice = random(isMap ? 9 : 8);
    if (choice === 8) return { op: "order", path, permutation: permutation(random, keys.length) };
    if (keys.length === 0 || choice < 3) {
      const fresh = isMap ? randomKey(random) : `n${random(100_000)}`;
      if (!keys.includes(fresh)) return { op: "add", path: [...path, fresh], value: small() };
    }
    if (keys.length > 0) {
      if (choice < 5) return { op: "remove", path: [...path, key] };
      return { op: "replace", path: [...path, key], value: small() };
    }
  }
  if (path.length === 0) return { op: "add", path: [`n${random(1_000_000)}`], value: small() };
  return { op: "replace", path, value: small() };
}

function arrayPatch(
  random: Random,
  value: readonly Value[],
  path: Path,
  small: () => Value,
): Patch {
  const { length } = value;
  const index = random(length + 1);
  switch (random(8)) {
    case 0:
      return { op: "add", path: [...path, index], value: small() };
    case 1:
      if (length > 0) return { op: "remove", path: [...path, random(length)] };
      break;
    case 2:
      if (length > 0) return { op: "replace", path: [...path, random(length)], value: small() };
      break;
    case 3:
      return { op: "order", path, permutation: permutation(random, length) };
    case 4: {
      const remove = Math.min(length - index, random(random(4) === 0 ? length + 1 : 4));
      return { op: "splice", path, index, remove, value: Array.from({ length: random(4) }, small) };
    }
    case 5:
      if (length > 0) return { op: "splice", path, index: 0, remove: 1, value: [] };
      break;
  }
  return {
    op: "splice",
    path,
    index: length,
    remove: 0,
    value: Array.from({ length: 1 + random(4) }, small),
  };
}

function setPatch(random: Random, value: ReadonlySet<Primitive>, path: Path): Patch {
  const members = [...value];
  if (random(4) === 0)
    return { op: "order", path, permutation: permutation(random, members.length) };
  const remove = members.filter(() => random(members.length) < 2);
  const fresh = new Set(Array.from({ length: random(5) }, () => randomKey(random)));
  return { op: "members", path, remove, value: [...fresh].filter((one) => !value.has(one)) };
}

/** A whole shuffle, or a single item that moved. */
function permutation(random: Random, length: number): number[] {
  const places = Array.from({ length }, (_, index) => index);
  const moves = random(2) === 0 ? length : Math.min(1, length);
  for (let move = 0; move < moves; move++) {
    const [place] = places.splice(random(length), 1);
    places.splice(random(length), 0, place as number);
  }
  return places;
}

function randomKey(random: Random): Primitive {
  const number = random(400);
  return [`s${number}`, number, String(number), BigInt(number), NaN, null, undefined, true][
    random(random(4) === 0 ? 8 : 4)
  ];
}

function placesOf(value: Value): Primitive[] {
  if (Array.isArray(value)) return [...value.keys()];
  if (value instanceof Map) return [...value.keys()];
  return kindOf(value) === "object" ? Object.keys(value as object) : [];
}

function at(value: Value, key: Primitive): Value {
  if (value instanceof Map) return value.get(key);
  // True because the key is one of the places of an array or object.
  return (value as Record<string, Value>)[key as string];
}
