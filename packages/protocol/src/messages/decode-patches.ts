import { EXPLAIN } from "#explain";
import type { Patch } from "../patch.ts";
import { malformed } from "../schema/malformed.ts";
import { readShape } from "../schema/read-shape.ts";
import type { ReadLimits } from "../schema/read-shape.ts";

/**
 * Reads what `encodePatches` has written. Trusts nothing.
 *
 * @throws HoldfastError `MALFORMED_FRAME`, and what `decodeValue` throws
 */
export function decodePatches(text: string, limits: ReadLimits): Patch[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    malformed(EXPLAIN && "the patches are not JSON", cause);
  }
  // True because `readShape` returns what fits the shape.
  return readShape(["patch"], json, { name: "patches", limits }) as Patch[];
}
