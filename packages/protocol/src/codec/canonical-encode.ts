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

function stringifySorted(json: Json): string {
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map(stringifySorted).join(",")}]`;
  // True because an array was just ruled out, which narrowing does not see through `readonly`.
  const record = json as { readonly [key: string]: Json };
  const fields = Object.keys(record)
    .sort()
    // True because the key was just listed.
    .map((key) => `${JSON.stringify(key)}:${stringifySorted(record[key] as Json)}`);
  return `{${fields.join(",")}}`;
}
