/** What of a connection outlives hibernation. Small: it lives in the socket's attachment. */
export interface ConnectionMeta {
  /** Whose connection it is: the key under which sequences are kept. */
  readonly principal: string;
  readonly session: string;
  /** The outboxes that its `hello` named; `undefined` before the `hello`. */
  readonly clients: readonly string[] | undefined;
  /** The history and schema that it was last given; `""` before the `hello`. */
  readonly epoch: string;
  readonly schema: string;
  /** Something waits in memory to be sent to it: should that be lost, it has to come back. */
  readonly behind?: boolean;
}

/** One socket, as the host sees it; the platform is behind it. */
export interface Connection {
  readonly meta: ConnectionMeta;
  /** Stores `meta` where it outlives hibernation. */
  remember(meta: ConnectionMeta): void;
  /** Never throws: a socket that is gone is reported by its close. */
  send(frame: string): void;
  close(code: number, reason: string): void;
}
