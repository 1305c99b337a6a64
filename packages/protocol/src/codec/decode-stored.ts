import type { Value } from "../value.ts";
import { decodeValue } from "./encode-value.ts";

/**
 * As `decodeValue`, of a text that stands in storage: state was validated when it was written, so it is
 * read whatever the limits are now. Where it is plain, and most of it is, its JSON is the value, and
 * nobody has to go through it.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED`, or SyntaxError for a text that is no JSON
 * @example decodeStored('{"n":1}') // { n: 1 }
 */
export function decodeStored(text: string): Value {
  return isPlainText(text)
    ? // True because what JSON has is a value, and without a tag it stands for itself.
      (JSON.parse(text) as Value)
    : decodeValue(text, [], { depth: Infinity });
}

/**
 * Whether the JSON of a text is its value: no tag, nothing that the codec refuses, and no escape that
 * could spell either.
 */
export function isPlainText(text: string): boolean {
  // One by one: each begins with a character that is rare in JSON, and a pattern for all tries every one.
  return !text.includes('$"') && !text.includes("__proto__") && !text.includes("\\u");
}
