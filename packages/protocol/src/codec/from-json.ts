import { EXPLAIN } from "#explain";
import type { Primitive, TypedArray, Value } from "../value.ts";
import { fromBase64 } from "./base64.ts";
import { isPrimitive, TYPED_ARRAYS } from "./kind-of.ts";
import type { TypedArrayKind } from "./kind-of.ts";
import { PROTO_KEY } from "./refusals.ts";
import { BIGINT_CHARACTERS, toJson } from "./to-json.ts";
import type { Walk } from "./walk.ts";

/**
 * The value that `json` stands for, as parsed from text and owned by the caller: tags are replaced
 * in place, and where there are none it is the very same reference.
 */
export function fromJson(json: unknown, depth: number, walk: Walk): Value {
  if (typeof json !== "object" || json === null) return json as Primitive;
  // True because JSON.parse makes plain objects and arrays only; an array owns no `$`.
  if (Object.hasOwn(json, "$")) return untag(json as Tagged, depth, walk);
  walk.enter(depth, json);
  if (Array.isArray(json)) {
    for (let index = 0; index < json.length; index++) {
      const child: unknown = json[index];
      if (typeof child !== "object" || child === null) continue;
      walk.step(depth, index);
      const value = fromJson(child, depth + 1, walk);
      if (value !== child) json[index] = value;
    }
    return json;
  }
  const object = json as Record<string, Value>;
  for (const key of Object.keys(object)) {
    if (key === "__proto__") walk.refuse(depth, PROTO_KEY);
    const child = object[key];
    if (typeof child !== "object" || child === null) continue;
    walk.step(depth, key);
    const value = fromJson(child, depth + 1, walk);
    if (value !== child) object[key] = value;
  }
  return object;
}

interface Tagged {
  readonly $: unknown;
  readonly v?: unknown;
}

function untag(json: Tagged, depth: number, walk: Walk): Value {
  const { $: name, v: content, ...rest } = json;
  if (Object.keys(rest).length > 0) unreadable(depth, walk);
  if (Array.isArray(content)) {
    if (name === "Map") return mapFromEntries(content, depth, walk);
    if (name === "Set") return setFromMembers(content, depth, walk);
    if (name === "object") return objectFromEntries(content, depth, walk);
  }
  // Nothing nested is handed on: it would be looked into, to any depth.
  if (![name, content].flat().every(isPrimitive)) unreadable(depth, walk);
  const value = atomFrom(name, content);
  // What does not come out as it went in has content that does not fit.
  const text = JSON.stringify(toJson(value, depth, walk));
  return text === JSON.stringify({ $: name, v: content }) ? value : unreadable(depth, walk);
}

/** The atom of that name, from content that may not fit; `null`, which has no tag, for none. */
function atomFrom(name: unknown, content: unknown): Value {
  try {
    // The casts are wrong for content that does not fit: then this throws, or `untag` finds out.
    switch (name) {
      case "undefined":
        return undefined;
      case "NaN":
      case "Infinity":
      case "-Infinity":
      case "-0":
        return Number(name);
      case "bigint":
        return String(content).length > BIGINT_CHARACTERS ? null : BigInt(content as string);
      case "Date":
        return new Date((content as number | null) ?? NaN);
      case "URL":
        return new URL(content as string);
      case "RegExp":
        return new RegExp(...(content as [string, string]));
      default:
        return typedArrayFrom(name as TypedArrayKind, content as string);
    }
  } catch {
    return null;
  }
}

function typedArrayFrom(kind: TypedArrayKind, base64: string): TypedArray | null {
  return Object.hasOwn(TYPED_ARRAYS, kind) ? new TYPED_ARRAYS[kind](fromBase64(base64)) : null;
}

function mapFromEntries(
  entries: readonly unknown[],
  depth: number,
  walk: Walk,
): Map<Primitive, Value> {
  walk.enter(depth, entries);
  const map = new Map<Primitive, Value>();
  for (const entry of entries) {
    const [key, child] = Array.isArray(entry) && entry.length === 2 ? entry : [[]];
    const place = primitiveFrom(key, depth, walk);
    if (map.has(place)) unreadable(depth, walk);
    walk.step(depth, place);
    map.set(place, fromJson(child, depth + 1, walk));
  }
  return map;
}

function setFromMembers(members: readonly unknown[], depth: number, walk: Walk): Set<Primitive> {
  const set = new Set(members.map((member) => primitiveFrom(member, depth, walk)));
  return set.size === members.length ? set : unreadable(depth, walk);
}

/** A plain object with a key that JSON cannot be trusted with. */
function objectFromEntries(entries: readonly unknown[], depth: number, walk: Walk): Value {
  const fields = mapFromEntries(entries, depth, walk);
  for (const key of fields.keys()) if (typeof key !== "string") unreadable(depth, walk);
  if (fields.has("__proto__")) walk.refuse(depth, PROTO_KEY);
  // True because every key was just found to be a string.
  return Object.fromEntries(fields as Map<string, Value>);
}

function primitiveFrom(json: unknown, depth: number, walk: Walk): Primitive {
  const value = fromJson(json, depth + 1, walk);
  // True because it is found to be one.
  return isPrimitive(value) ? (value as Primitive) : unreadable(depth, walk);
}

function unreadable(depth: number, walk: Walk): never {
  return walk.refuse(
    depth,
    EXPLAIN &&
      "is not readable: a tag that this codec does not know, or with other content. Whoever wrote it may be of another version.",
  );
}
