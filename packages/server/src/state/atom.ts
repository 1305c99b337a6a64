import { cloneValue } from "@holdfast/protocol";
import type { TypedArray, Value } from "@holdfast/protocol";

/**
 * The values that are objects to JavaScript and one value to the tree: they are handed out as
 * copies, since nothing could notice a change inside them while it is made.
 */
export type AtomObject = Date | URL | RegExp | TypedArray;

export function copyAtom(atom: AtomObject): AtomObject {
  if (atom instanceof Date) return new Date(atom.getTime());
  // True because a copy is of the same kind.
  return cloneValue(atom) as AtomObject;
}

/** True for two values without places inside that are the same to the codec. */
export function sameAtom(one: Value, other: Value): boolean {
  if (Object.is(one, other)) return true;
  if (one instanceof Date) return other instanceof Date && Object.is(+one, +other);
  if (one instanceof URL) return other instanceof URL && one.href === other.href;
  if (one instanceof RegExp) return other instanceof RegExp && String(one) === String(other);
  return ArrayBuffer.isView(one) && ArrayBuffer.isView(other) && sameBytes(one, other);
}

function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (one.byteLength !== other.byteLength) return false;
  const bytes = new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
  const otherBytes = new Uint8Array(other.buffer, other.byteOffset, other.byteLength);
  return bytes.every((byte, index) => byte === otherBytes[index]);
}
