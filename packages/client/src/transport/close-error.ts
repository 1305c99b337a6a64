import { CloseCode, type ErrorCode, HoldfastError } from "@holdfast/protocol";

/** What a close means where no `error` message came before it. */
const MEANINGS: { readonly [code: number]: readonly [ErrorCode, string] } = {
  [CloseCode.unauthenticated]: [
    "SESSION_INVALID",
    "the session or the token is not valid (any more)",
  ],
  [CloseCode.forbidden]: ["FORBIDDEN", "this origin or user may not connect"],
  [CloseCode.notFound]: ["UNKNOWN_MODULE", "there is no such module or key"],
  [CloseCode.tooLarge]: ["FRAME_TOO_LARGE", "a frame was over the limit"],
  [CloseCode.protocol]: [
    "PROTOCOL_UNSUPPORTED",
    "client and server speak different protocols. Reload the page, or deploy both together",
  ],
  [CloseCode.tooManySockets]: ["TOO_MANY_SOCKETS", "too many tabs have this instance open"],
};

/** The error for a terminal close that came without one. */
export function closeError(code: number): HoldfastError {
  const [errorCode, meaning] = MEANINGS[code] ?? ["MALFORMED_FRAME", "it did not accept a frame"];
  return new HoldfastError(
    errorCode,
    `The server closed the connection for good (${code}): ${meaning}.`,
  );
}

/** True for errors about who the client is or where it comes from. */
export function isDenial(error: HoldfastError): boolean {
  return ["FORBIDDEN", "ORIGIN_FORBIDDEN", "SESSION_INVALID"].includes(error.code);
}
