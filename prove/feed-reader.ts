import { encodeMessage, PROTOCOL_VERSION } from "@holdfast/protocol";
import type { WebSocket } from "ws";

const SEEN_EVERY_CHARACTERS = 256 * 1024;

/** Reads as fast as it can, looks at nothing, and says what it has read; or does not read at all. */
export class FeedReader {
  /** Characters so far; what is sent is ASCII. */
  read = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly #socket: WebSocket;
  #unreported = 0;
  #onRead: (() => void) | undefined;

  /** Resolves when `hello` is answered. */
  static async open(socket: WebSocket, id: string): Promise<FeedReader> {
    const reader = new FeedReader(socket);
    const clients = [{ id, settled: 0 }];
    const hello = encodeMessage({ type: "hello", protocol: PROTOCOL_VERSION, clients });
    socket.on("open", () => socket.send(hello));
    await reader.atLeast(1);
    return reader;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#took(data.length));
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.#onRead?.();
    });
    // A close follows, and says the same.
    socket.on("error", () => undefined);
  }

  /** Resolves when so much was read, or nothing will be any more. */
  async atLeast(characters: number): Promise<void> {
    while (this.read < characters && !this.closed) {
      await new Promise<void>((resolve) => (this.#onRead = resolve));
    }
  }

  /** Resolves when the server has closed it, and it has read all that was on its way. */
  async untilClosed(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => (this.#onRead = resolve));
  }

  /** Takes nothing more from the network, as a browser does whose page hangs. */
  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.terminate();
  }

  #took(length: number): void {
    this.read += length;
    this.#unreported += length;
    if (this.#unreported >= SEEN_EVERY_CHARACTERS) {
      this.#socket.send(encodeMessage({ type: "seen", read: this.#unreported }));
      this.#unreported = 0;
    }
    this.#onRead?.();
  }
}
