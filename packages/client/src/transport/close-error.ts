import { type CloseCode, type ErrorCode, EXPLAIN, HoldfastError } from "@holdfast/protocol";

/**
 * Closes that mean something without words; the others are about a frame. The compiler checks that
 * each is in the protocol's table, which would be in every bundle if it were imported.
 */
const CODES: { readonly [Code in CloseCode]?: ErrorCode } = {
  4401: "SESSION_INVALID",
  4403: "FORBIDDEN",
  4404: "UNKNOWN_MODULE",
  4413: "FRAME_TOO_LARGE",
  4426: "PROTOCOL_UNSUPPORTED",
  4429: "TOO_MANY_SOCKETS",
};

/** The error for a terminal close that came without one: an `error` message says more. */
export function closeError(code: number): HoldfastError {
  // True for the codes of the table, and the others it does not have.
  return new HoldfastError(
    CODES[code as CloseCode] ?? "MALFORMED_FRAME",
    EXPLAIN &&
      `The server closed the connection for good (${code}). If client and server are of different versions, reload the page.`,
  );
}

/** True for errors about who the client is or where it comes from. */
export function isDenial({ code }: HoldfastError): boolean {
  return /^(ORIGIN_)?FORBIDDEN$|^SESSION_INVALID$|^UNAUTHENTICATED$/.test(code);
}
