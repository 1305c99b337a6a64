import type { Patch } from "../patch.ts";
import type { Primitive, Value } from "../value.ts";

/**
 * What a part of a message may be, as plain data: `readShape` validates by it, and a hash of it
 * guards the protocol number.
 */
export type Shape =
  /** A string that matches. */
  | RegExp
  /** A safe integer of at least this. */
  | number
  /** Anything that the codec reads. */
  | "value"
  /** What the codec reads as a primitive. */
  | "primitive"
  /** One patch in its compact form: `["replace",["count"],5]`. */
  | "patch"
  | ListShape
  | RecordShape;

/** A list of these, of at most so many. */
export type ListShape = readonly [of: Shape, most?: number];

/** An object with these fields and no others; one whose name ends in `?` may be absent. */
export interface RecordShape {
  readonly [field: string]: Shape;
}

/** The shapes that fit the fields of `T`: what is written by hand cannot miss the type. */
export type FieldShapes<T> = {
  readonly [
    Name in keyof T & string as object extends Pick<T, Name> ? `${Name}?` : Name
  ]-?: ShapeOf<Required<T>[Name]>;
};

/** The shapes of messages, by their `type`; the type itself is left out of them. */
export type ShapesOf<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: FieldShapes<Omit<Extract<Message, { type: Type }>, "type">>;
};

type ShapeOf<T> = Value extends T
  ? "value"
  : Primitive extends T
    ? "primitive"
    : [T] extends [Patch]
      ? "patch"
      : T extends string
        ? RegExp
        : T extends number
          ? number
          : T extends readonly (infer Item)[]
            ? readonly [of: ShapeOf<Item>, most?: number]
            : FieldShapes<T>;
