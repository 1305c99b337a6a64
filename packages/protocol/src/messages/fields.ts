import type { WireError } from "../errors.ts";
import { integer, record, text } from "../schema/shape.ts";
import type { Shape } from "../schema/shape.ts";

/** Ids that Holdfast makes: epochs, client ids, the marks of commits. */
export const ID: Shape<string> = text({ min: 1, max: 64, of: "A-Za-z0-9_-" });

/** The mark of a state: that of its last commit, and none at version 0, which no commit made. */
export const MARK: Shape<string> = text({ min: 0, max: 64, of: "A-Za-z0-9_-" });

/** Names that users choose: of actions, of schemas. */
export const NAME: Shape<string> = text({ min: 1, max: 256 });

export const COUNT: Shape<number> = integer(0);

/** Sequences begin at 1: `settled` 0 means that nothing was. */
export const SEQUENCE: Shape<number> = integer(1);

/** Codes are not a closed set on the wire: a newer server may know more of them. */
export const WIRE_ERROR: Shape<WireError> = record<WireError>({
  // True for every code of the table; a code of a newer server is shown, and equals none of ours.
  code: text({ min: 1, max: 64, of: "A-Z_" }) as Shape<WireError["code"]>,
  message: text(),
});
