import type { Value } from "@holdfast/protocol";

/** Roughly how many characters the encoding of `value` takes; stops counting above `limit`. */
export function weigh(value: Value, limit: number): number {
  switch (typeof value) {
    case "string":
      return value.length + 3;
    case "object":
      return value === null ? 5 : weighObject(value, limit);
    case "bigint":
      // A hexadecimal digit is 1.2 decimal ones.
      return 22 + Math.ceil(value.toString(16).length * 1.25);
    case "undefined":
      return 17;
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 1_000_000 ? 8 : 20;
    default:
      return 6;
  }
}

function weighObject(value: object, limit: number): number {
  let weight = 3;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && weight <= limit; index++) {
      weight += weigh(value[index], limit - weight);
    }
  } else if (value instanceof Map) {
    for (const [key, child] of value) {
      weight += weigh(key, limit - weight) + weigh(child, limit - weight) + 2;
      if (weight > limit) break;
    }
  } else if (value instanceof Set) {
    for (const member of value) {
      weight += weigh(member, limit - weight);
      if (weight > limit) break;
    }
  } else if (ArrayBuffer.isView(value)) {
    weight += 30 + Math.ceil((value.byteLength * 4) / 3);
  } else if (value instanceof Date) {
    weight += 30;
  } else if (value instanceof URL) {
    weight += 20 + value.href.length;
  } else if (value instanceof RegExp) {
    weight += 30 + value.source.length;
  } else {
    // True because only plain objects are left.
    const record = value as Record<string, Value>;
    for (const key in record) {
      weight += key.length + 4 + weigh(record[key], limit - weight);
      if (weight > limit) break;
    }
  }
  return weight;
}
