import {
  type Connection,
  type ConnectionIdentity,
  type ConnectionMeta,
  newMeta,
} from "../host/connection.ts";

/** One hibernatable socket as the host's connection; its meta lives in the attachment. */
export class SocketConnection implements Connection {
  readonly #socket: WebSocket;
  #meta: ConnectionMeta;

  private constructor(socket: WebSocket, meta: ConnectionMeta) {
    this.#socket = socket;
    this.#meta = meta;
  }

  /** A socket just accepted. */
  static begin(socket: WebSocket, identity: ConnectionIdentity): SocketConnection {
    const connection = new SocketConnection(socket, newMeta(identity));
    connection.remember(connection.meta);
    return connection;
  }

  /** A socket that outlived hibernation. */
  static restore(socket: WebSocket): SocketConnection {
    // Only `remember` writes attachments, and every socket is given one before it is used.
    return new SocketConnection(socket, socket.deserializeAttachment() as ConnectionMeta);
  }

  get meta(): ConnectionMeta {
    return this.#meta;
  }

  remember(meta: ConnectionMeta): void {
    this.#meta = meta;
    this.#socket.serializeAttachment(meta);
  }

  send(frame: string): void {
    try {
      this.#socket.send(frame);
    } catch {
      // The socket is gone; its close event says so to the host.
    }
  }

  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch {
      // As above.
    }
  }
}
