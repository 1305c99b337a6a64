import {
  type ClientMessage,
  DEFAULT_LIMITS,
  decodeClientFrame,
  encodeMessage,
  joinFrame,
  PING_FRAME,
  PONG_FRAME,
  type ServerMessage,
} from "@holdfast/protocol";

/** The client's end of a socket, and in the same object the server's: nothing moves by itself. */
export class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  readonly url: string;
  readonly protocols: readonly string[];
  binaryType = "blob";
  bufferedAmount = 0;
  readyState = FakeSocket.CONNECTING;
  /** Frames that the client has sent, as text. */
  readonly sent: string[] = [];
  /** As the platform does it, without waking anybody; not when the link is half-open. */
  answersPings = true;
  /** What the client closed it with. */
  closedWith: number | undefined;
  #taken = 0;

  constructor(url: string, protocols: string | string[] = []) {
    super();
    this.url = url;
    this.protocols = [protocols].flat();
  }

  // The client's end.

  send(text: string): void {
    if (this.readyState === FakeSocket.CONNECTING) throw new Error("The socket is not open.");
    if (this.readyState !== FakeSocket.OPEN) return;
    this.sent.push(text);
    if (text === PING_FRAME && this.answersPings) {
      queueMicrotask(() => this.deliverText(PONG_FRAME));
    }
  }

  close(code?: number): void {
    this.closedWith = code ?? 1005;
    this.readyState = FakeSocket.CLOSING;
  }

  // The server's end.

  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** Delivers one frame. */
  deliver(...messages: ServerMessage[]): void {
    this.deliverText(joinFrame(messages.map(encodeMessage)));
  }

  deliverText(text: string): void {
    this.dispatchEvent(new MessageEvent("message", { data: text }));
  }

  /** The server, or the network, ends it. */
  drop(code = 1006): void {
    this.readyState = FakeSocket.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  /** The network refuses it. */
  fail(): void {
    this.readyState = FakeSocket.CLOSED;
    this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  }

  /** The frames that were not taken before, decoded as a server does; pings left out. */
  take(): ClientMessage[][] {
    const frames = this.sent.slice(this.#taken);
    this.#taken = this.sent.length;
    return frames
      .filter((text) => text !== PING_FRAME)
      .map((text) => decodeClientFrame(text, DEFAULT_LIMITS));
  }

  get pings(): number {
    return this.sent.filter((text) => text === PING_FRAME).length;
  }
}
