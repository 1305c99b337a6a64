/**
 * WebSocket close codes. 4400 to 4499 are terminal, 4401 apart: the client stops and says why.
 * Every other code means: connect again.
 */
export const CloseCode = {
  /** The socket was replaced or no longer needed. */
  normal: 1000,
  /** The server is about to stop; come back. */
  restart: 1012,
  /** The connection read too slowly; it may come back and converge. */
  slowReader: 4008,
  /** A frame was not of the protocol. */
  malformed: 4400,
  /** The identity ended; connect again with a fresh one. */
  unauthenticated: 4401,
  /** Origin, session or `allow` refused. */
  forbidden: 4403,
  /** No such module, or a key that cannot be. */
  notFound: 4404,
  /** A frame over its limit. */
  tooLarge: 4413,
  /** Another protocol number. */
  protocol: 4426,
  /** More sockets of one principal than allowed. */
  tooManySockets: 4429,
  /** The instance cannot serve its state (see the error that came before). */
  unavailable: 4503,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** True for the codes after which reconnecting cannot help. */
export function isTerminalClose(code: number): boolean {
  return code >= 4400 && code <= 4499 && !isRefusedIdentity(code);
}

/** True for the code after which a client connects again as somebody fresh. */
export function isRefusedIdentity(code: number): boolean {
  return code === UNAUTHENTICATED;
}

/** Apart from the table, which a client's bundle has no need of. */
const UNAUTHENTICATED: typeof CloseCode.unauthenticated = 4401;
