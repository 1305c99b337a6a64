import { CloseCode, encodeMessage, type ErrorCode, type HoldfastError } from "@holdfast/protocol";
import type { Connection } from "./connection.ts";

/** The errors that end a connection, with the code of the close that says so. */
const CLOSE_CODES: Partial<Record<ErrorCode, CloseCode>> = {
  MALFORMED_FRAME: CloseCode.malformed,
  FRAME_TOO_LARGE: CloseCode.tooLarge,
  PROTOCOL_UNSUPPORTED: CloseCode.protocol,
  UNKNOWN_MODULE: CloseCode.notFound,
  KEY_INVALID: CloseCode.notFound,
  SESSION_INVALID: CloseCode.unauthenticated,
  UNAUTHENTICATED: CloseCode.unauthenticated,
  META_TOO_LARGE: CloseCode.tooLarge,
  BUSY: CloseCode.unavailable,
  ORIGIN_FORBIDDEN: CloseCode.forbidden,
  FORBIDDEN: CloseCode.forbidden,
  TOO_MANY_SOCKETS: CloseCode.tooManySockets,
  SLOW_READER: CloseCode.slowReader,
  RESTORE_FAILED: CloseCode.unavailable,
  SCHEMA_TOO_NEW: CloseCode.unavailable,
  STORAGE_FAILED: CloseCode.unavailable,
  DEFINITION_INVALID: CloseCode.unavailable,
  INTERNAL: CloseCode.unavailable,
};

/** What closing needs: a connection, or the Worker's own socket that says why nobody is admitted. */
export type Closable = Pick<Connection, "send" | "close">;

/** Says why, then closes. The reason stands in the close as well, where tools show it. */
export function closeWith(connection: Closable, error: HoldfastError): void {
  const { code, message } = error;
  connection.send(encodeMessage({ type: "error", error: { code, message } }));
  connection.close(CLOSE_CODES[code] ?? CloseCode.malformed, code);
}
