import type { TypedArray } from "../value.ts";

export type TypedArrayKind =
  | "Int8Array"
  | "Uint8Array"
  | "Uint8ClampedArray"
  | "Int16Array"
  | "Uint16Array"
  | "Int32Array"
  | "Uint32Array"
  | "Float32Array"
  | "Float64Array"
  | "BigInt64Array"
  | "BigUint64Array";

/** What a value is, for everything that state, payloads and results may hold. */
export type ValueKind =
  | "null"
  | "undefined"
  | "boolean"
  | "number"
  | "string"
  | "bigint"
  | "object"
  | "array"
  | "Map"
  | "Set"
  | "Date"
  | "URL"
  | "RegExp"
  | TypedArrayKind;

interface TypedArrayConstructor {
  readonly prototype: TypedArray;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TypedArray;
}

export const TYPED_ARRAYS: Readonly<Record<TypedArrayKind, TypedArrayConstructor>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

/** Exact prototypes only: an instance of a subclass has behaviour that no copy would have. */
const KIND_BY_PROTOTYPE: ReadonlyMap<unknown, ValueKind> = new Map<unknown, ValueKind>([
  [null, "object"],
  [Object.prototype, "object"],
  [Array.prototype, "array"],
  ...Object.entries({ Map, Set, Date, URL, RegExp, ...TYPED_ARRAYS }).map(
    // True because each of these names is a kind.
    ([name, { prototype }]): [unknown, ValueKind] => [prototype, name as ValueKind],
  ),
]);

/**
 * The one table of what state, payloads and results may hold, one level deep: what a container
 * holds is not looked at. `undefined` for a function, a symbol, an instance of any other class and
 * an instance of a subclass of the classes in the table.
 */
export function kindOf(value: unknown): ValueKind | undefined {
  const type = typeof value;
  if (type !== "object") return type === "function" || type === "symbol" ? undefined : type;
  if (value === null) return "null";
  const prototype: unknown = Object.getPrototypeOf(value);
  // The commonest first; an object can be given another's prototype, but is never an array by it.
  if (prototype === Object.prototype && !Array.isArray(value)) return "object";
  const kind = KIND_BY_PROTOTYPE.get(prototype);
  return (kind === "array") === Array.isArray(value) ? kind : undefined;
}

/** True for everything that a Map key or a Set member may be. */
export function isPrimitive(value: unknown): boolean {
  return typeof value === "object" ? value === null : kindOf(value) !== undefined;
}
