/** What a Map key or a Set member may be. */
export type Primitive = string | number | boolean | bigint | null | undefined;

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Values that are replaced whole: they have no places inside that a path could name. */
export type Atom = Primitive | Date | URL | RegExp | TypedArray;

/** Every value that state, payloads and results may hold (G11). */
export type Value =
  | Atom
  | readonly Value[]
  | ValueObject
  | ReadonlyMap<Primitive, Value>
  | ReadonlySet<Primitive>;

export interface ValueObject {
  readonly [key: string]: Value;
}
