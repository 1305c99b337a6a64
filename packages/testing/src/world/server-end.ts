import {
  type Connection,
  type ConnectionMeta,
  newMeta,
  sessionIdentity,
} from "@holdfast/server/internal/host/connection";
import type { Link } from "./link.ts";

/** What goes out to one socket. */
export type Output =
  | { readonly type: "frame"; readonly text: string }
  | { readonly type: "close"; readonly code: number; readonly reason: string };

/**
 * A socket as the platform keeps it: it outlives the process that accepted it, and with it nothing
 * but its attachment.
 */
export class ServerSocket {
  readonly link: Link;
  attachment: ConnectionMeta;
  /** It has closed it, or heard that it is closed: what it sends goes nowhere. */
  isClosed = false;

  constructor(link: Link) {
    this.link = link;
    this.attachment = newMeta(sessionIdentity(link.principal));
  }
}

/** A socket as a host knows it, in one process. */
export class ServerEnd implements Connection {
  readonly socket: ServerSocket;
  readonly #output: (socket: ServerSocket, output: Output) => void;
  #meta: ConnectionMeta;

  constructor(socket: ServerSocket, output: (socket: ServerSocket, output: Output) => void) {
    this.socket = socket;
    this.#output = output;
    this.#meta = structuredClone(socket.attachment);
  }

  get meta(): ConnectionMeta {
    return this.#meta;
  }

  remember(meta: ConnectionMeta): void {
    this.#meta = meta;
    this.socket.attachment = structuredClone(meta);
  }

  send(text: string): void {
    this.#output(this.socket, { type: "frame", text });
  }

  close(code: number, reason: string): void {
    this.#output(this.socket, { type: "close", code, reason });
  }
}
