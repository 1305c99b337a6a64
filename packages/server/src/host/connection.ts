import type { ValueObject } from "@holdfast/protocol";
import type { User } from "../module/user.ts";

/** Who is behind a connection, as it was admitted. */
export interface ConnectionIdentity {
  /** Whose connection it is: the key under which sequences are kept. */
  readonly principal: string;
  readonly session: string;
  /** Whom `authenticate` returned; `null` where it is not set, or returned nobody. */
  readonly user: User | null;
  /** What `extractMeta` said of a connection; `undefined` for a module's own sockets. */
  readonly extra?: ValueObject | undefined;
  /** When `user` runs out, in milliseconds since 1970; `undefined`: never. */
  readonly expires: number | undefined;
  /** For a derived key (`withKey`): how often the session had moved when this connection was made. */
  readonly generation: number;
}

/** What of a connection outlives hibernation. Small: it lives in the socket's attachment. */
export interface ConnectionMeta extends ConnectionIdentity {
  /** The outboxes that its `hello` named; `undefined` before the `hello`. */
  readonly clients: readonly string[] | undefined;
  /** The protocol that it speaks, where that is an older one. */
  readonly protocol?: number;
  /**
   * What it said there to be settled, for each of them: a host that knows a client no more would take
   * a frame of earlier for news.
   */
  readonly settled?: readonly number[];
  /** The history and schema that it was last given; `""` before the `hello`. */
  readonly epoch: string;
  readonly schema: string;
  /** What it shows of its user, encoded, if anything; `undefined`: it takes no part in that. */
  readonly presence?: OwnPresence;
  /** Something waits in memory to be sent to it: should that be lost, it has to come back. */
  readonly behind?: boolean;
}

/** What a connection has of presence. */
export interface OwnPresence {
  readonly id: string;
  /** What it shows; `undefined`: nothing. */
  readonly text?: string;
  /** It was not told all that the others show, and has yet to be told all of it anew. */
  readonly missed?: boolean;
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

/** Whether it knows what came with this number of the protocol. */
export function knows(since: number, { protocol }: Pick<ConnectionMeta, "protocol">): boolean {
  return protocol === undefined || protocol >= since;
}

/** Which page it is, over all its reconnects: by its own outbox, which `hello` names last. */
export function pageOf({ clients }: ConnectionMeta): string | undefined {
  return clients?.at(-1);
}

/** The identity of a session without a user. */
export function sessionIdentity(session: string): ConnectionIdentity {
  return { principal: session, session, user: null, expires: undefined, generation: 0 };
}

/** The meta of a connection that has said nothing yet. */
export function newMeta(identity: ConnectionIdentity): ConnectionMeta {
  return { ...identity, clients: undefined, epoch: "", schema: "" };
}
