import { formatPath, HoldfastError, type Path } from "@holdfast/protocol";

export function noStream(path: Path): HoldfastError {
  return new HoldfastError(
    "DEFINITION_INVALID",
    `There is no stream at ${formatPath(path)}. Put emptyStream() there, or stream() as the field of a system; what an asynchronous action has put there itself it publishes first, with await commit().`,
  );
}

export function cancelled(): HoldfastError {
  return new HoldfastError(
    "CANCELLED",
    "The stream was ended, or begun anew, by another action while this one wrote to it. What had come by then is kept where it was ended.",
  );
}

export function takenAlready(): HoldfastError {
  return new HoldfastError(
    "CONFLICT",
    "Another action writes to this stream. End it first, with reset(), complete() or fail(), or write to a stream of your own.",
  );
}

export function tooManyStreams(most: number): HoldfastError {
  return new HoldfastError(
    "BUSY",
    `${most} streams are under way at this instance, which is the limit. Try again when one has ended.`,
  );
}

export function actionOver(): HoldfastError {
  return new HoldfastError(
    "ENDED",
    "The action that wrote to this stream is over. Await what writes to it before the action returns.",
  );
}
