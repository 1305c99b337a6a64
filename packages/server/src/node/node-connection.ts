import type { HoldfastError, Limits } from "@holdfast/protocol";
import { WebSocket } from "ws";
import { closeWith } from "../host/close.ts";
import {
  type Connection,
  type ConnectionIdentity,
  type ConnectionMeta,
  newMeta,
} from "../host/connection.ts";

/** Characters take up to three bytes on the wire; what is paced by characters may take so much. */
const BYTES_PER_CHARACTER = 3;

/** One socket as the host's connection. What it sends waits until what it tells of is durable. */
export class NodeConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #behind: (happen: () => void) => void;
  readonly #mostBuffered: number;
  #meta: ConnectionMeta;
  #isClosing = false;

  /** @param behind has something happen when all that was written is durable */
  constructor(
    socket: WebSocket,
    identity: ConnectionIdentity,
    behind: (happen: () => void) => void,
    limits: Limits,
  ) {
    this.#socket = socket;
    this.#behind = behind;
    this.#mostBuffered = BYTES_PER_CHARACTER * (limits.unseenBytes + limits.frameOutBytes);
    this.#meta = newMeta(identity);
  }

  get meta(): ConnectionMeta {
    return this.#meta;
  }

  /** It is neither closed nor about to be. */
  get isOpen(): boolean {
    return !this.#isClosing && this.#socket.readyState === WebSocket.OPEN;
  }

  remember(meta: ConnectionMeta): void {
    // Memory is all that it has to outlive; a copy, so that nobody changes it behind its back.
    this.#meta = structuredClone(meta);
  }

  send(frame: string): void {
    this.#behind(() => this.write(frame));
  }

  close(code: number, reason: string): void {
    this.#isClosing = true;
    this.#behind(() => this.#socket.close(code, reason));
  }

  /** Sends at once. What the peer does not read piles up here, and not for ever. */
  write(frame: string): void {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > this.#mostBuffered) socket.terminate();
    else socket.send(frame, ignore);
  }

  /** The link breaks: nothing that waits is sent. */
  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }
}

/** Tells a socket why it is not let in, and closes it with a code that says whether to try again. */
export function refuse(socket: WebSocket, error: HoldfastError): void {
  closeWith(
    {
      send: (frame) => socket.send(frame, ignore),
      close: (code, reason) => socket.close(code, reason),
    },
    error,
  );
}

/** A socket that is gone says so by its close. */
function ignore(): void {}
