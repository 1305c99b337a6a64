import { toJson } from "./to-json.ts";
import type { Json } from "./to-json.ts";
import { Walk } from "./walk.ts";

/**
 * One text for equal values: as `encodeValue`, with the keys of objects sorted. The order of Maps
 * and Sets is part of the state and kept.
 *
 * @throws HoldfastError as `encodeValue`.
 */
export function canonicalEncode(value: unknown): string {
  return stringifySorted(toJson(value, 0, new Walk([], {})));
}

/** SHA-256 of the canonical encoding, in hex: equal for equal values on every platform. */
export async function hashValue(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalEncode(value));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function stringifySorted(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringifySorted).join(",")}]`;
  // True because an array was just ruled out, which narrowing does not see through `readonly`.
  const record = value as { readonly [key: string]: Json };
  // A tag: no other record owns `$`. Its entries are an object's fields.
  const json = record["$"] === "object" ? { ...record, v: sortedEntries(record["v"]) } : record;
  const fields = Object.keys(json)
    .sort()
    // True because the key was just listed.
    .map((key) => `${JSON.stringify(key)}:${stringifySorted(json[key] as Json)}`);
  return `{${fields.join(",")}}`;
}

function sortedEntries(entries: Json | undefined): Json {
  // True because that is what `toJson` writes behind the tag.
  return [...(entries as [string, Json][])].sort(([a], [b]) => (a < b ? -1 : 1));
}
