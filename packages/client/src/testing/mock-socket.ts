import {
  encodeMessage,
  joinFrame,
  PING_FRAME,
  PONG_FRAME,
  type ServerMessage,
} from "@holdfast/protocol";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** The page's end of a link, and in the same object the server's. What either says arrives by itself. */
export class MockSocket extends EventTarget {
  readonly url: string;
  binaryType = "blob";
  readonly bufferedAmount = 0;
  readyState: number = CONNECTING;
  /** Takes a frame of the page. */
  onFrame: (frame: string) => void = () => {};
  /** The page has let it go. */
  onLeft: () => void = () => {};

  constructor(url: string) {
    super();
    this.url = url;
  }

  // The page's end.

  send(text: string): void {
    if (this.readyState !== OPEN) return;
    queueMicrotask(() => {
      if (this.readyState !== OPEN) return;
      if (text === PING_FRAME) this.#arrive(PONG_FRAME);
      else this.onFrame(text);
    });
  }

  close(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.onLeft();
  }

  // The server's end.

  open(): void {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** One frame. */
  deliver(...messages: readonly ServerMessage[]): void {
    this.#arrive(joinFrame(messages.map(encodeMessage)));
  }

  /** The link ends: 1006, it broke. */
  drop(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  #arrive(text: string): void {
    if (this.readyState === OPEN) this.dispatchEvent(new MessageEvent("message", { data: text }));
  }
}
