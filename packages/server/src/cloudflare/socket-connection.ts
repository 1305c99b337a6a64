import { decodeValue, encodeValue } from "@holdfast/protocol";
import {
  type Connection,
  type ConnectionIdentity,
  type ConnectionMeta,
  newMeta,
} from "../host/connection.ts";

/** What the app says of a connection: as bytes, of which the platform stores as many as there are. */
interface Attachment extends Omit<ConnectionMeta, "user" | "extra"> {
  readonly packed: Uint8Array;
}

type Packed = [user: ConnectionMeta["user"], extra: ConnectionMeta["extra"]];

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
    const { packed, ...rest } = socket.deserializeAttachment() as Attachment;
    const [user, extra] = decodeValue(new TextDecoder().decode(packed)) as Packed;
    return new SocketConnection(socket, { ...rest, user, extra });
  }

  get meta(): ConnectionMeta {
    return this.#meta;
  }

  remember(meta: ConnectionMeta): void {
    this.#meta = meta;
    const { user, extra, ...rest } = meta;
    const packed = new TextEncoder().encode(encodeValue([user, extra]));
    this.#socket.serializeAttachment({ ...rest, packed } satisfies Attachment);
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
