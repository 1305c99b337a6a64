import { EXPLAIN, HoldfastError, type RejectMessage } from "@holdfast/protocol";

export function unknownOutcome(cause: HoldfastError): HoldfastError {
  return new HoldfastError(
    "OUTCOME_UNKNOWN",
    EXPLAIN &&
      `The connection ended before the action was answered (${cause.code}), so it may have been done or not. Read the state before you try again.`,
    { cause },
  );
}

export function keyChanged(): HoldfastError {
  return new HoldfastError(
    "KEY_CHANGED",
    EXPLAIN &&
      "The session has moved to another key (a login, a logout) before the action was started, so it did not happen. Call it again, if it is still wanted, on what is shown now.",
  );
}

export function toError({ code, message }: RejectMessage["error"]): HoldfastError {
  return new HoldfastError(code, message);
}
