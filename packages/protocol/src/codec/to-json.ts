import { toBase64 } from "./base64.ts";
import { describeUnsupported } from "./describe-unsupported.ts";
import { isPrimitive, kindOf } from "./kind-of.ts";
import {
  HOLE,
  LONG_BIGINT,
  MAP_KEY,
  PROTO_KEY,
  SET_MEMBER,
  SHARED_MEMORY,
  SYMBOL_KEY,
} from "./refusals.ts";
import type { Path } from "../path.ts";
import { Walk } from "./walk.ts";
import type { WalkOptions } from "./walk.ts";

/** A value as `JSON.stringify` can write it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Characters that a bigint may have: parsing more costs more than linear time. */
export const BIGINT_CHARACTERS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The value that stands `at` a path, as `toJson` makes it. */
export function jsonAt(value: unknown, at: Path, options?: WalkOptions): Json {
  return isVerbatim(value) ? value : toJson(value, at.length, new Walk(at, options ?? {}));
}

/**
 * The value with tags where plain JSON would lose something. Where nothing has to be tagged, the
 * very same reference: a plain value costs one walk and no copy.
 */
export function toJson(value: unknown, depth: number, walk: Walk): Json {
  if (isVerbatim(value)) return value;
  const kind = kindOf(value);
  // The casts below are true because the kind says so.
  switch (kind) {
    case "undefined":
      return tag(kind);
    case "number":
      return tag(value === 0 ? "-0" : String(value));
    case "bigint":
      return tag(kind, bigintText(value as bigint, depth, walk));
    case "object":
      return objectToJson(value as Readonly<Record<string, unknown>>, depth, walk);
    case "array":
      return arrayToJson(value as readonly unknown[], depth, walk);
    case "Map":
      return tag(kind, mapToJson(value as ReadonlyMap<unknown, unknown>, depth, walk));
    case "Set":
      return tag(kind, setToJson(value as ReadonlySet<unknown>, depth, walk));
    case "Date": {
      const time = (value as Date).getTime();
      return tag(kind, Number.isNaN(time) ? null : time);
    }
    case "URL":
      return tag(kind, (value as URL).href);
    case "RegExp":
      return tag(kind, [(value as RegExp).source, (value as RegExp).flags]);
    case undefined:
      return walk.refuse(depth, describeUnsupported(value));
    default:
      return tag(kind, toBase64(bytesOf(value as ArrayBufferView, depth, walk)));
  }
}

function objectToJson(object: Readonly<Record<string, unknown>>, depth: number, walk: Walk): Json {
  walk.enter(depth, object);
  if (Object.getOwnPropertySymbols(object).length > 0) walk.refuse(depth, SYMBOL_KEY);
  // Copied at the first child that has to be tagged.
  let json: Record<string, unknown> = object;
  let isPlain = true;
  for (const key of Object.keys(object)) {
    if (!isPlainKey(key)) isPlain = false;
    else if (key === "__proto__") walk.refuse(depth, PROTO_KEY);
    const child = object[key];
    if (isVerbatim(child)) continue;
    walk.step(depth, key);
    const childJson = toJson(child, depth + 1, walk);
    if (childJson === child) continue;
    if (json === object) json = { ...object };
    json[key] = childJson;
  }
  // True because every child is now JSON.
  return isPlain ? (json as Json) : tag("object", Object.entries(json as Record<string, Json>));
}

/**
 * Whether a key may stand as a key in JSON. Not `$`, the mark of a tag; and none that JSON escapes:
 * V8's parser takes `"\n"` for another key, namely `\`, when an object of the same shape had that one
 * before (nodejs/node#63785; Node 24 and 26, workerd). As a value the same text is read correctly.
 */
function isPlainKey(key: string): boolean {
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index);
    // Of surrogates only lone ones are escaped; looking at one unit is faster, and pairs are rare.
    const isSurrogate = unit >= 0xd800 && unit < 0xe000;
    if (unit < 0x20 || unit === QUOTE || unit === BACKSLASH || isSurrogate) return false;
  }
  return key !== "$";
}

function arrayToJson(array: readonly unknown[], depth: number, walk: Walk): Json {
  walk.enter(depth, array);
  let json: unknown[] | undefined;
  for (let index = 0; index < array.length; index++) {
    const child = array[index];
    if (isVerbatim(child)) continue;
    walk.step(depth, index);
    if (child === undefined && !(index in array)) walk.refuse(depth + 1, HOLE);
    const childJson = toJson(child, depth + 1, walk);
    if (childJson === child) continue;
    json ??= array.slice();
    json[index] = childJson;
  }
  // True because every child is now JSON.
  return (json ?? array) as readonly Json[];
}

function mapToJson(map: ReadonlyMap<unknown, unknown>, depth: number, walk: Walk): Json {
  walk.enter(depth, map);
  return Array.from(map, ([key, child]) => {
    if (!isPrimitive(key)) walk.refuse(depth, MAP_KEY);
    const keyJson = toJson(key, depth, walk);
    // True because it was just found to be a primitive.
    walk.step(depth, key as null);
    return [keyJson, toJson(child, depth + 1, walk)];
  });
}

function setToJson(set: ReadonlySet<unknown>, depth: number, walk: Walk): Json {
  walk.enter(depth, set);
  return Array.from(set, (member) => {
    if (!isPrimitive(member)) walk.refuse(depth, SET_MEMBER);
    return toJson(member, depth, walk);
  });
}

export function bigintText(value: bigint, depth: number, walk: Walk): string {
  const text = String(value);
  return text.length > BIGINT_CHARACTERS ? walk.refuse(depth, LONG_BIGINT) : text;
}

/** Exactly the bytes that the view shows, not those around it in its buffer. */
export function bytesOf(view: ArrayBufferView, depth: number, walk: Walk): Uint8Array<ArrayBuffer> {
  if (!(view.buffer instanceof ArrayBuffer)) walk.refuse(depth, SHARED_MEMORY);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Whether JSON writes a value as it is; false for containers, which have to be looked into. */
function isVerbatim(value: unknown): value is null | boolean | number | string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return value === 0 ? 1 / value > 0 : Number.isFinite(value);
    default:
      return value === null;
  }
}

function tag(name: string, value?: Json): Json {
  return value === undefined ? { $: name } : { $: name, v: value };
}
