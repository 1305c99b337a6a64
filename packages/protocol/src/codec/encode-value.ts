import { EXPLAIN } from "#explain";
import { HoldfastError } from "../errors.ts";
import type { Path } from "../path.ts";
import type { Value } from "../value.ts";
import { fromJson } from "./from-json.ts";
import { jsonAt } from "./to-json.ts";
import { Walk } from "./walk.ts";
import type { WalkOptions } from "./walk.ts";

/**
 * A value as text, the same for wire, storage and cache: plain JSON where the value is plain, tags
 * like `{"$":"Map","v":[["a",1]]}` where it is not.
 *
 * @param at where the value stands or will stand: named by errors, and counted as depth.
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path.
 * @example encodeValue({ due: new Date(0) }) // '{"due":{"$":"Date","v":0}}'
 */
export function encodeValue(value: unknown, at: Path = [], options: WalkOptions = {}): string {
  return JSON.stringify(jsonAt(value, at, options));
}

/**
 * The value that a text of `encodeValue` stands for. Trusts nothing: any other text is refused.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path.
 */
export function decodeValue(text: string, at: Path = [], options: WalkOptions = {}): Value {
  const walk = new Walk(at, options);
  let json: unknown;
  try {
    // Not recursive in V8, however deep the text nests; where it is, it throws.
    json = JSON.parse(text);
  } catch (cause) {
    throw new HoldfastError(
      "VALUE_UNSUPPORTED",
      EXPLAIN &&
        `${walk.where(at.length)} is not readable: its text is not JSON. It is cut short or was not written by this codec.`,
      { cause },
    );
  }
  return fromJson(json, at.length, walk);
}
