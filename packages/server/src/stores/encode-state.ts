import { decodeValue, encodeValue, type Value } from "@holdfast/protocol";

/**
 * A state as text, whatever it holds: plain JSON where the values are plain.
 *
 * @throws HoldfastError `VALUE_UNSUPPORTED` or `VALUE_TOO_DEEP`, naming the path
 */
export function encodeState(state: object): string {
  // Checked by the codec.
  return encodeValue(state as Value);
}

/**
 * The inverse of `encodeState`.
 *
 * @throws HoldfastError `MALFORMED_FRAME` for a text that it did not make
 */
export function decodeState(text: string): object {
  // Only states are encoded; the host looks at what it is given.
  return decodeValue(text) as object;
}
