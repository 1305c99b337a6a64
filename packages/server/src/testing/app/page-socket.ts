/** What a page's socket tells the network. */
export type UpItem =
  | { readonly type: "frame"; readonly text: string }
  /** The server hears that the socket is gone; not before `notBefore`. */
  | {
      readonly type: "close";
      readonly code: number;
      readonly reason: string;
      readonly notBefore: number;
    };

/** What the network tells a page's socket. */
export type DownItem =
  | { readonly type: "open" }
  | { readonly type: "refused" }
  | { readonly type: "frame"; readonly text: string }
  | { readonly type: "close"; readonly code: number; readonly reason: string };

/** The network, as a page's socket sees it. */
interface WayUp {
  sendUp(item: UpItem): void;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/**
 * The page's end of a link, as browsers make it: a `WebSocket` of which exists as much as partysocket
 * uses. Nothing is heard any more of a socket that was closed, not even what had been on its way.
 */
export class PageSocket<Way extends WayUp = WayUp> extends EventTarget {
  readonly url: string;
  readonly protocols: readonly string[];
  binaryType = "blob";
  readonly bufferedAmount = 0;
  readyState: number = CONNECTING;
  /** The way through the network; given right after it was made. */
  link!: Way;

  constructor(url: string, protocols: string | readonly string[] = []) {
    super();
    this.url = url;
    this.protocols = [protocols].flat();
  }

  send(text: string): void {
    if (this.readyState === CONNECTING) {
      throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
    }
    if (this.readyState === OPEN) this.link.sendUp({ type: "frame", text });
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`The close code must not be ${code}.`, "InvalidAccessError");
    }
    if (this.readyState >= CLOSING) return;
    const wasOpen = this.readyState === OPEN;
    this.readyState = CLOSING;
    // Without a handshake there is nobody to tell but the network.
    this.link.sendUp({
      type: "close",
      code: wasOpen ? (code ?? 1005) : 1006,
      reason,
      notBefore: 0,
    });
  }

  deliver(item: DownItem): void {
    switch (item.type) {
      case "open":
        if (this.readyState !== CONNECTING) return;
        this.readyState = OPEN;
        this.dispatchEvent(new Event("open"));
        return;
      case "frame":
        if (this.readyState !== OPEN) return;
        this.dispatchEvent(new MessageEvent("message", { data: item.text }));
        return;
      case "refused":
        this.#end(1006, "", true);
        return;
      case "close":
        this.#end(item.code, item.reason, this.readyState === CONNECTING || item.code === 1006);
        return;
    }
  }

  /** Whether frames would be given to the page. */
  get isHeard(): boolean {
    return this.readyState === OPEN;
  }

  #end(code: number, reason: string, isFailure: boolean): void {
    if (this.readyState === CLOSED) return;
    const wasOpen = this.readyState === OPEN;
    this.readyState = CLOSED;
    // The answer to the server's close; a link that broke has nobody left to answer.
    if (wasOpen && code !== 1006) this.link.sendUp({ type: "close", code, reason, notBefore: 0 });
    if (isFailure) this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: !isFailure }));
  }
}
