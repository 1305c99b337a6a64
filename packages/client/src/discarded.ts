import { EXPLAIN, HoldfastError } from "@holdfast/protocol";

/** @param reason what happened, as the beginning of a sentence */
export function discarded(reason: string): HoldfastError {
  return new HoldfastError(
    "DISCARDED",
    EXPLAIN &&
      `${reason} before the action was answered, so it was given up. If it was sent by then, it may have been done.`,
  );
}
