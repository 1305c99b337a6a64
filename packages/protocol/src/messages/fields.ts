import type { WireError } from "../errors.ts";
import type { FieldShapes } from "../schema/shape.ts";

/** Ids that Holdfast makes: epochs, client ids, the marks of commits. */
export const ID: RegExp = /^[\w-]{1,64}$/;

/** The mark of a state: that of its last commit, and none at version 0, which no commit made. */
export const MARK: RegExp = /^[\w-]{0,64}$/;

/** Names that users choose: of actions, of schemas. In UTF-16 units. */
export const NAME: RegExp = /^[^]{1,256}$/;

/** Any text, also none. */
export const TEXT: RegExp = /^/;

export const COUNT = 0;

/** Sequences begin at 1: `settled` 0 means that nothing was. */
export const SEQUENCE = 1;

/** Codes are not a closed set on the wire: a newer server may know more of them. */
export const WIRE_ERROR: FieldShapes<WireError> = { code: /^[A-Z_]{1,64}$/, message: TEXT };
