import { EXPLAIN } from "#explain";
import { toBase64 } from "./base64.ts";
import { describeUnsupported } from "./describe-unsupported.ts";
import { isPrimitive, kindOf } from "./kind-of.ts";
import type { Walk } from "./walk.ts";

/** A value as `JSON.stringify` can write it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Digits that a bigint may have: parsing more costs more than linear time. */
export const BIGINT_DIGITS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The value with tags where plain JSON would lose something. Where nothing has to be tagged, the
 * very same reference: a plain value costs one walk and no copy.
 */
export function toJson(value: unknown, depth: number, walk: Walk): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return isVerbatim(value) ? value : tag(nameOf(value));
    case "undefined":
      return tag("undefined");
    case "bigint":
      return bigintToJson(value, depth, walk);
    case "object":
      return value === null ? null : objectToJson(value, depth, walk);
    default:
      return walk.refuse(depth, describeUnsupported(value));
  }
}

function objectToJson(value: object, depth: number, walk: Walk): Json {
  const kind = kindOf(value);
  // The casts below are true because the kind says so.
  switch (kind) {
    case "object":
      return plainToJson(value as Readonly<Record<string, unknown>>, depth, walk);
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

function plainToJson(value: Readonly<Record<string, unknown>>, depth: number, walk: Walk): Json {
  walk.enter(depth, value);
  if (Object.getOwnPropertySymbols(value).length > 0) refuseSymbolKey(depth, walk);
  // Copied at the first child that has to be tagged.
  let json: Record<string, unknown> = value;
  let isPlain = true;
  for (const key of Object.keys(value)) {
    if (!isPlainKey(key)) isPlain = false;
    else if (key === "__proto__") refuseProtoKey(depth, walk);
    const child = value[key];
    if (isVerbatim(child)) continue;
    walk.step(depth, key);
    const childJson = toJson(child, depth + 1, walk);
    if (childJson === child) continue;
    if (json === value) json = { ...value };
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
    if (unit < 0x20 || unit === QUOTE || unit === BACKSLASH || isSurrogate(unit)) return false;
  }
  return key !== "$";
}

/** Only lone ones are escaped; looking at one unit is faster, and pairs are rare in keys. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}

function arrayToJson(value: readonly unknown[], depth: number, walk: Walk): Json {
  walk.enter(depth, value);
  let json: unknown[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const child = value[index];
    if (isVerbatim(child)) continue;
    walk.step(depth, index);
    if (child === undefined && !(index in value)) refuseHole(depth + 1, walk);
    const childJson = toJson(child, depth + 1, walk);
    if (childJson === child) continue;
    json ??= value.slice();
    json[index] = childJson;
  }
  // True because every child is now JSON.
  return (json ?? value) as readonly Json[];
}

function mapToJson(value: ReadonlyMap<unknown, unknown>, depth: number, walk: Walk): Json {
  walk.enter(depth, value);
  const entries: Json[] = [];
  for (const [key, child] of value) {
    if (!isPrimitive(key)) refuseMapKey(depth, walk);
    const keyJson = toJson(key, depth, walk);
    // True because it was just found to be a primitive.
    walk.step(depth, key as null);
    entries.push([keyJson, toJson(child, depth + 1, walk)]);
  }
  return entries;
}

function setToJson(value: ReadonlySet<unknown>, depth: number, walk: Walk): Json {
  walk.enter(depth, value);
  const members: Json[] = [];
  for (const member of value) {
    if (!isPrimitive(member)) refuseSetMember(depth, walk);
    members.push(toJson(member, depth, walk));
  }
  return members;
}

function bigintToJson(value: bigint, depth: number, walk: Walk): Json {
  return tag("bigint", bigintText(value, depth, walk));
}

export function bigintText(value: bigint, depth: number, walk: Walk): string {
  const text = value.toString();
  if (text.length <= BIGINT_DIGITS) return text;
  return walk.refuse(
    depth,
    EXPLAIN && `is a bigint of more than ${BIGINT_DIGITS} digits. Store it as a typed array.`,
  );
}

/** Exactly the bytes that the view shows, not those around it in its buffer. */
export function bytesOf(view: ArrayBufferView, depth: number, walk: Walk): Uint8Array<ArrayBuffer> {
  if (!(view.buffer instanceof ArrayBuffer)) {
    walk.refuse(
      depth,
      EXPLAIN &&
        "is a view of shared memory, which others could change. Copy it: new Uint8Array(view).",
    );
  }
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

export function refuseSymbolKey(depth: number, walk: Walk): never {
  return walk.refuse(
    depth,
    EXPLAIN && "has a symbol as a key, which no copy can keep. Use a string.",
  );
}

export function refuseProtoKey(depth: number, walk: Walk): never {
  return walk.refuse(
    depth,
    EXPLAIN && 'has a key "__proto__", which would change prototypes. Rename it.',
  );
}

export function refuseHole(depth: number, walk: Walk): never {
  return walk.refuse(
    depth,
    EXPLAIN && "is a hole in a sparse array. Fill it, with null or undefined.",
  );
}

export function refuseMapKey(depth: number, walk: Walk): never {
  return walk.refuse(
    depth,
    EXPLAIN &&
      "is a Map with a key that is not a primitive, which cannot be found again. Use an id.",
  );
}

export function refuseSetMember(depth: number, walk: Walk): never {
  return walk.refuse(
    depth,
    EXPLAIN && "is a Set with a member that is not a primitive. Use ids, or an array.",
  );
}

/** Whether JSON writes a value as it is; false for containers, which have to be looked into. */
function isVerbatim(value: unknown): boolean {
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

function nameOf(value: number): string {
  return value === 0 ? "-0" : String(value);
}
