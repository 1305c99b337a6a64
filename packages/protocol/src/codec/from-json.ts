import { EXPLAIN } from "#explain";
import type { Primitive, Value } from "../value.ts";
import { fromBase64 } from "./base64.ts";
import { isPrimitive, TYPED_ARRAYS } from "./kind-of.ts";
import type { TypedArrayKind } from "./kind-of.ts";
import { BIGINT_DIGITS, refuseProtoKey } from "./to-json.ts";
import type { Walk } from "./walk.ts";

/**
 * The value that `json` stands for, as parsed from text and owned by the caller: tags are replaced
 * in place, and where there are none it is the very same reference.
 */
export function fromJson(json: unknown, depth: number, walk: Walk): Value {
  if (typeof json !== "object" || json === null) return json as Primitive;
  if (Array.isArray(json)) {
    itemsFromJson(json, depth, walk);
    return json;
  }
  // True because JSON.parse makes plain objects only.
  const record = json as Record<string, unknown>;
  if (Object.hasOwn(record, "$")) return untag(record, depth, walk);
  fieldsFromJson(record, depth, walk);
  return record as Value;
}

function itemsFromJson(items: unknown[], depth: number, walk: Walk): void {
  walk.enter(depth, items);
  for (let index = 0; index < items.length; index++) {
    const child = items[index];
    if (typeof child !== "object" || child === null) continue;
    walk.step(depth, index);
    const value = fromJson(child, depth + 1, walk);
    if (value !== child) items[index] = value;
  }
}

function fieldsFromJson(record: Record<string, unknown>, depth: number, walk: Walk): void {
  walk.enter(depth, record);
  for (const key of Object.keys(record)) {
    if (key === "__proto__") refuseProtoKey(depth, walk);
    const child = record[key];
    if (typeof child !== "object" || child === null) continue;
    walk.step(depth, key);
    const value = fromJson(child, depth + 1, walk);
    if (value !== child) record[key] = value;
  }
}

function untag(json: Record<string, unknown>, depth: number, walk: Walk): Value {
  const size = Object.keys(json).length;
  const name = json["$"];
  const content = json["v"];
  if (size === 1) {
    if (name === "undefined") return undefined;
    if (name === "NaN") return NaN;
    if (name === "Infinity") return Infinity;
    if (name === "-Infinity") return -Infinity;
    if (name === "-0") return -0;
  } else if (size === 2 && content !== undefined && typeof name === "string") {
    const value = untagContent(name, content, depth, walk);
    if (value !== undefined) return value;
  }
  return walk.refuse(
    depth,
    EXPLAIN && "is not readable: a tag that this codec does not know, or with other content.",
  );
}

/** `undefined` for an unknown name and for content that does not fit it. */
function untagContent(name: string, content: unknown, depth: number, walk: Walk): Value {
  switch (name) {
    case "object":
      return Array.isArray(content) ? objectFromEntries(content, depth, walk) : undefined;
    case "Map":
      return Array.isArray(content) ? mapFromEntries(content, depth, walk) : undefined;
    case "Set":
      return Array.isArray(content) ? setFromMembers(content, depth, walk) : undefined;
    case "Date":
      return dateFromTime(content);
    case "bigint":
      return typeof content === "string" &&
        content.length <= BIGINT_DIGITS &&
        /^(0|-?[1-9]\d*)$/.test(content)
        ? BigInt(content)
        : undefined;
    case "URL":
      return typeof content === "string" ? unlessItThrows(() => new URL(content)) : undefined;
    case "RegExp":
      return regExpFromContent(content);
    default:
      return typeof content === "string" && Object.hasOwn(TYPED_ARRAYS, name)
        ? // True because the name is one of the table's own keys.
          typedArrayFromBase64(name as TypedArrayKind, content)
        : undefined;
  }
}

/** A plain object with a key that JSON cannot be trusted with. */
function objectFromEntries(entries: readonly unknown[], depth: number, walk: Walk): Value {
  walk.enter(depth, entries);
  const record: Record<string, Value> = {};
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined;
    const [key, child] = entry;
    if (typeof key !== "string" || Object.hasOwn(record, key)) return undefined;
    if (key === "__proto__") refuseProtoKey(depth, walk);
    walk.step(depth, key);
    record[key] = fromJson(child, depth + 1, walk);
  }
  return record;
}

function mapFromEntries(entries: readonly unknown[], depth: number, walk: Walk): Value {
  walk.enter(depth, entries);
  const map = new Map<Primitive, Value>();
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined;
    const key = fromJson(entry[0], depth + 1, walk);
    if (!isPrimitive(key)) return undefined;
    // True because it was just found to be a primitive.
    walk.step(depth, key as Primitive);
    map.set(key as Primitive, fromJson(entry[1], depth + 1, walk));
  }
  return map.size === entries.length ? map : undefined;
}

function setFromMembers(members: readonly unknown[], depth: number, walk: Walk): Value {
  walk.enter(depth, members);
  const set = new Set<Primitive>();
  for (const member of members) {
    const value = fromJson(member, depth + 1, walk);
    if (!isPrimitive(value)) return undefined;
    // True because it was just found to be a primitive.
    set.add(value as Primitive);
  }
  return set.size === members.length ? set : undefined;
}

function dateFromTime(time: unknown): Value {
  if (time === null) return new Date(NaN);
  const date = typeof time === "number" ? new Date(time) : undefined;
  return date?.getTime() === time ? date : undefined;
}

function regExpFromContent(content: unknown): Value {
  if (!Array.isArray(content) || content.length !== 2) return undefined;
  const [source, flags] = content;
  if (typeof source !== "string" || typeof flags !== "string") return undefined;
  return unlessItThrows(() => new RegExp(source, flags));
}

function unlessItThrows(make: () => Value): Value {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function typedArrayFromBase64(kind: TypedArrayKind, text: string): Value {
  const bytes = fromBase64(text);
  const constructor = TYPED_ARRAYS[kind];
  if (!bytes || bytes.length % constructor.BYTES_PER_ELEMENT !== 0) return undefined;
  return new constructor(bytes.buffer);
}
