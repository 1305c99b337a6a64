import type { Value } from "../value.ts";
import { decodeValue } from "./encode-value.ts";

/** A tag, what the codec refuses, or an escape that could spell either. */
const NOT_PLAIN = /"\$"|__proto__|\\u/;

/**
 * As `decodeValue`, of a text that stands in storage: state was validated when it was written, so it is
 * read whatever the limits are now. Where it is plain, and most of it is, its JSON is the value, and
 * nobody has to go through it.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED`, or SyntaxError for a text that is no JSON
 * @example decodeStored('{"n":1}') // { n: 1 }
 */
export function decodeStored(text: string): Value {
  return NOT_PLAIN.test(text)
    ? decodeValue(text, [], { depth: Infinity })
    : // True because what JSON has is a value, and without a tag it stands for itself.
      (JSON.parse(text) as Value);
}
