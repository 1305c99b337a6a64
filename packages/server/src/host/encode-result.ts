import { encodeValue, exceedsBytes, HoldfastError, type Limits } from "@holdfast/protocol";
import { unwrap } from "../state/unwrap.ts";

/**
 * What the action `name` returned, as the text that is stored and told.
 *
 * @throws HoldfastError `RESULT_TOO_LARGE`, `ASYNC_HANDLER`, and what the codec refuses
 */
export function encodeResult(
  name: string,
  result: unknown,
  { resultBytes }: Pick<Limits, "resultBytes">,
): string | undefined {
  if (isThenable(result)) {
    // Nobody waits for it; a rejection must not end the instance as an unhandled one.
    result.then(undefined, () => {});
    throw new HoldfastError(
      "ASYNC_HANDLER",
      `The handler of "${name}" returned a promise, but is defined as synchronous. Its changes were undone: state may only change before it returns.`,
    );
  }
  if (result === undefined) return undefined;
  const text = encodeValue(unwrap(result), ["result"]);
  if (exceedsBytes(text, resultBytes)) {
    throw new HoldfastError(
      "RESULT_TOO_LARGE",
      `The result of "${name}" is larger than ${resultBytes} bytes. Put large data into the state, and return its id.`,
    );
  }
  return text;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
