import type { Primitive, Value } from "@holdfast/protocol";
import { nodeKindOf } from "../node.ts";
import type { MapNode, ObjectNode, SetNode } from "../node.ts";

/** What a tag takes around its content: `{"$":"Map","v":}` and the like. */
const TAG = 16;

/**
 * About how many bytes a value takes when it is encoded. Looks no further than `cap`: to find that
 * a value is large costs no more than what it is held against.
 */
export function sizeOf(value: Value, cap: number = Infinity): number {
  switch (typeof value) {
    case "string":
      return value.length + 2;
    case "number":
      return sizeOfNumber(value);
    case "boolean":
      return 5;
    case "undefined":
      return TAG;
    case "bigint":
      return TAG + 8 + String(value).length;
    default:
      return value === null ? 4 : sizeOfObject(value, cap);
  }
}

/** The casts below are true because the kind says so. */
function sizeOfObject(value: object, cap: number): number {
  switch (nodeKindOf(value as Value)) {
    case "array":
      return sum(2, value as readonly Value[], cap, (item, left) => sizeOf(item, left) + 1);
    case "object": {
      const fields = value as ObjectNode;
      return sum(2, Object.keys(fields), cap, (key, left) => {
        return key.length + 4 + sizeOf(fields[key], left);
      });
    }
    case "Map":
      return sum(TAG + 2, (value as MapNode).entries(), cap, ([key, child], left) => {
        return 4 + sizeOf(key) + sizeOf(child, left);
      });
    case "Set":
      return sum(TAG + 2, value as SetNode, cap, (member) => 1 + sizeOf(member));
    case undefined:
      if (ArrayBuffer.isView(value)) return TAG + 10 + Math.ceil(value.byteLength / 3) * 4;
      return value instanceof Date ? TAG + 15 : TAG + 8 + String(value).length;
  }
}

function sum<T>(
  start: number,
  parts: Iterable<T>,
  cap: number,
  measure: (part: T, left: number) => number,
): number {
  let total = start;
  for (const part of parts) {
    if (total > cap) break;
    total += measure(part, cap - total);
  }
  return total;
}

export function sizeOfSegment(segment: Primitive): number {
  return sizeOf(segment) + 1;
}

function sizeOfNumber(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) < 1e6 && !Object.is(value, -0)) {
    const sign = value < 0 ? 1 : 0;
    const size = Math.abs(value);
    if (size < 10) return sign + 1;
    if (size < 100) return sign + 2;
    if (size < 1e3) return sign + 3;
    if (size < 1e4) return sign + 4;
    return size < 1e5 ? sign + 5 : sign + 6;
  }
  return Number.isFinite(value) && value !== 0 ? String(value).length : TAG;
}
