import { CloseCode, type ErrorCode, EXPLAIN, HoldfastError } from "@holdfast/protocol";

/** Closes that mean something without words; the others are about a frame. */
const CODES: { readonly [code: number]: ErrorCode } = {
  [CloseCode.unauthenticated]: "SESSION_INVALID",
  [CloseCode.forbidden]: "FORBIDDEN",
  [CloseCode.notFound]: "UNKNOWN_MODULE",
  [CloseCode.tooLarge]: "FRAME_TOO_LARGE",
  [CloseCode.protocol]: "PROTOCOL_UNSUPPORTED",
  [CloseCode.tooManySockets]: "TOO_MANY_SOCKETS",
};

/** The error for a terminal close that came without one: an `error` message says more. */
export function closeError(code: number): HoldfastError {
  return new HoldfastError(
    CODES[code] ?? "MALFORMED_FRAME",
    EXPLAIN &&
      `The server closed the connection for good (${code}). If client and server are of different versions, reload the page.`,
  );
}

/** True for errors about who the client is or where it comes from. */
export function isDenial({ code }: HoldfastError): boolean {
  return (
    code === "FORBIDDEN" ||
    code === "ORIGIN_FORBIDDEN" ||
    code === "SESSION_INVALID" ||
    code === "UNAUTHENTICATED"
  );
}
