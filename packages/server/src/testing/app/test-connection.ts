import { PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import {
  type Connection,
  type ConnectionIdentity,
  type ConnectionMeta,
  newMeta,
} from "../../host/connection.ts";
import type { Errands } from "./errands.ts";
import type { DownItem, UpItem } from "./page-socket.ts";

/** Who takes what a connection's page says. */
export interface Receiver {
  receive(connection: TestConnection, frame: string): void;
  disconnect(connection: TestConnection): void;
}

/** The page's end. */
interface PageEnd {
  deliver(item: DownItem): void;
}

/** One socket, from the page's end to the host's; what is sent arrives in order, and at once. */
export class TestConnection implements Connection {
  readonly #errands: Errands;
  readonly #socket: PageEnd;
  #meta: ConnectionMeta;
  /** What outlives hibernation. */
  #stored: ConnectionMeta;
  #receiver: Receiver | undefined;
  #isClosed = false;
  /** Its end was heard: by the page's close, its answer to a close from here, or by the network. */
  #isGone = false;

  constructor(socket: PageEnd, identity: ConnectionIdentity, errands: Errands) {
    this.#socket = socket;
    this.#errands = errands;
    this.#meta = newMeta(identity);
    this.#stored = this.#meta;
  }

  /** From now on its page is heard, and hears. */
  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#tell({ type: "open" });
  }

  /** It was not closed, from either end. */
  get isOpen(): boolean {
    return !this.#isClosed;
  }

  get meta(): ConnectionMeta {
    return this.#meta;
  }

  remember(meta: ConnectionMeta): void {
    this.#meta = meta;
    this.#stored = structuredClone(meta);
  }

  /** Memory is gone: only what was stored is left. */
  hibernated(): void {
    this.#meta = structuredClone(this.#stored);
  }

  send(frame: string): void {
    if (!this.#isClosed) this.#tell({ type: "frame", text: frame });
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tell({ type: "close", code, reason });
  }

  /** What the page's socket says. */
  take(item: UpItem): void {
    this.#errands.post(() => {
      if (item.type === "close") this.cut(item.code, item.reason);
      else if (item.text === PING_FRAME) this.send(PONG_FRAME);
      else if (!this.#isClosed) this.#receiver?.receive(this, item.text);
    });
  }

  /** The link is gone, by the page's close or because the network broke it. */
  cut(code: number = 1006, reason: string = ""): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.close(code, reason);
    this.#receiver?.disconnect(this);
  }

  #tell(item: DownItem): void {
    this.#errands.post(() => this.#socket.deliver(item));
  }
}
