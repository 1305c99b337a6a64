import type { Path } from "../path.ts";
import type { Primitive, Value } from "../value.ts";

/**
 * What a part of a message may be, as plain data: `readShape` validates by it, and the hash of all
 * shapes guards the protocol number. `T` is what reading yields.
 */
export type Shape<T> = ShapeData & { readonly yields?: T };

export type ShapeData =
  /** Exactly this string. */
  | { readonly is: "literal"; readonly text: string }
  /** A safe integer. */
  | { readonly is: "integer"; readonly min: number }
  /** A string of `min` to `max` UTF-16 units, all of the class `of` if there is one. */
  | { readonly is: "text"; readonly min: number; readonly max?: number; readonly of?: string }
  /** Anything that the codec reads; at the path that was read before it, if any. */
  | { readonly is: "value" }
  /** What the codec reads as a primitive. */
  | { readonly is: "primitive" }
  /** A list of primitives, none of them `"__proto__"`. */
  | { readonly is: "path" }
  | { readonly is: "list"; readonly of: ShapeData; readonly min: number; readonly max?: number }
  /** An object with these fields and no others; those in `optional` may be absent. */
  | { readonly is: "record"; readonly fields: FieldData; readonly optional: readonly string[] }
  /** A list `[op, …fields in order]`, read as an object. */
  | { readonly is: "operation"; readonly of: { readonly [op: string]: FieldData } };

export interface FieldData {
  readonly [name: string]: ShapeData;
}

/** The shapes of the fields of `T`, each of the type that the field has. */
type FieldShapes<T> = { readonly [Name in keyof T]-?: Shape<Required<T>[Name]> };

/** The names of the fields of `T` that may be absent. */
type OptionalNames<T> = {
  [Name in keyof T]-?: object extends Pick<T, Name> ? Name : never;
}[keyof T] &
  string;

export const VALUE: Shape<Value> = { is: "value" };

export const PRIMITIVE: Shape<Primitive> = { is: "primitive" };

export const PATH: Shape<Path> = { is: "path" };

export function literal<Text extends string>(text: Text): Shape<Text> {
  return { is: "literal", text };
}

export function integer(min: number): Shape<number> {
  return { is: "integer", min };
}

export function text(options: { min?: number; max?: number; of?: string } = {}): Shape<string> {
  return { is: "text", min: 0, ...options };
}

export function list<T>(
  of: Shape<T>,
  options: { min?: number; max?: number } = {},
): Shape<readonly T[]> {
  return { is: "list", of, min: 0, ...options };
}

export function record<T extends object>(
  fields: FieldShapes<T>,
  ...optional: readonly OptionalNames<T>[]
): Shape<T> {
  return { is: "record", fields, optional };
}

export function operation<T extends { readonly op: string }>(of: {
  readonly [Op in T["op"]]: FieldShapes<Omit<Extract<T, { readonly op: Op }>, "op">>;
}): Shape<T> & { readonly is: "operation" } {
  return { is: "operation", of };
}
