import { kindOf } from "../codec/kind-of.ts";

/**
 * Whether two values are the same value (G11), told without the codec: Map and Set in order,
 * −0 apart from 0, `undefined` apart from absent. An object without a prototype counts as plain.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  const kind = kindOf(a);
  if (kind === undefined || kind !== kindOf(b) || typeof a !== "object") return false;
  // `any` here: the kind says what both are, and this is a test's oracle.
  const [x, y] = [a as any, b as any];
  switch (kind) {
    case "object":
      return (
        Object.getPrototypeOf(y) === Object.prototype &&
        Object.keys(x).length === Object.keys(y).length &&
        Object.keys(x).every((key) => Object.hasOwn(y, key) && sameValue(x[key], y[key]))
      );
    case "array":
      return (
        x.length === y.length && x.every((item: unknown, at: number) => sameValue(item, y[at]))
      );
    case "Map":
    case "Set":
      return sameValue([...x], [...y]);
    case "Date":
      return Object.is(x.getTime(), y.getTime());
    case "URL":
      return x.href === y.href;
    case "RegExp":
      return x.source === y.source && x.flags === y.flags;
    default:
      return sameValue([...bytesOf(x)], [...bytesOf(y)]);
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
