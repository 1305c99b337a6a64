import { EXPLAIN } from "#explain";
import { HoldfastError } from "../errors.ts";

/** Refuses a frame: `problem` is for the log of the side that made it. */
export function malformed(problem: string | false, cause?: unknown): never {
  throw new HoldfastError(
    "MALFORMED_FRAME",
    EXPLAIN &&
      `The frame is not of this protocol: ${problem}. Client and server may be of different versions; reload the page.`,
    { cause },
  );
}
