import { HoldfastError, isPrimitive, type Primitive } from "@holdfast/protocol";

/** In a pattern that is a list: any one segment, as `*` is in a text. */
export const ANY: unique symbol = Symbol("any segment");

/**
 * Places of a state: a place is meant with all that is in it.
 *
 * A text is segments with dots between them, where `*` is any one segment: `"hands.*"`. A segment
 * is the key of an object as it is written, or a Map's key that is a text or number.
 *
 * A list means every segment exactly as it stands, whatever characters it holds, and Map keys by
 * type; `ANY` is any one segment: `["hands", viewer.user.id]`. Take it for what users have chosen.
 *
 * Items of an array have no lasting place, so patterns reach them all or none: `*` means all. One
 * that names an index hides all of them, and shows none.
 */
export type PathPattern = string | readonly (Primitive | typeof ANY)[];

/** One segment of a pattern, ready to be compared. */
export type PatternSegment = typeof ANY | Literal;

export interface Literal {
  readonly key: Primitive;
  /** Written in a text: it means the number as well. */
  readonly isText: boolean;
}

/** @throws HoldfastError `DEFINITION_INVALID` for a pattern that names no place */
export function parsePattern(pattern: PathPattern): readonly PatternSegment[] {
  const isText = typeof pattern === "string";
  const parts: readonly unknown[] = isText ? pattern.split(".") : pattern;
  const isPattern = parts.every((part) => part === ANY || isPrimitive(part));
  if (parts.length === 0 || !isPattern || (isText && parts.includes(""))) {
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `${typeof pattern === "string" ? `"${pattern}"` : "A list"} is no pattern of a path. Write "hands.*", or a list of keys: ["hands", id].`,
    );
  }
  return parts.map((part) =>
    part === ANY || (isText && part === "*") ? ANY : { key: part as Primitive, isText },
  );
}
