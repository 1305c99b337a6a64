/** True for two states that encode to the same text, whatever the order of their objects' keys. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one)) return Array.isArray(other) && sameItems(one, other);
  if (one instanceof Map) {
    return (
      other instanceof Map &&
      sameItems([...one.keys()], [...other.keys()]) &&
      sameItems([...one.values()], [...other.values()])
    );
  }
  if (one instanceof Set) return other instanceof Set && sameItems([...one], [...other]);
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (one instanceof Date) return Object.is(Number(one), Number(other));
  if (one instanceof URL || one instanceof RegExp) return String(one) === String(other);
  if (ArrayBuffer.isView(one))
    return sameItems([...bytes(one)], [...bytes(other as ArrayBufferView)]);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameValue(field(one, key), field(other, key)))
  );
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => sameValue(item, other[at]));
}

function bytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function field(object: object, key: string): unknown {
  // True because the key is one of its own.
  return (object as Record<string, unknown>)[key];
}
