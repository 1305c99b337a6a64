import type { DownItem, UpItem as Sent } from "@holdfast/server/internal/testing/app/page-socket";

export type { DownItem };

/** What travels from the page to the server. */
export type UpItem = { readonly type: "connect" } | Sent;

/** What the network does to a link. */
export interface Cut {
  /** How many of the items in flight to the server still arrive. */
  readonly up: number;
  /** How many of the items in flight to the page still arrive. */
  readonly down: number;
  /** When the server hears of it, at the earliest. */
  readonly heardAt: number;
}

/**
 * One socket's connection through the network: two queues that nothing leaves by itself. Order is
 * kept in each direction, as TCP keeps it; what is cut off is a tail.
 */
export class Link {
  readonly name: string;
  readonly principal: string;
  readonly #up: UpItem[] = [];
  readonly #down: DownItem[] = [];
  #upUntil = 0;
  #downUntil = 0;
  #isBlack = false;
  #isUpCut = false;
  #isDownCut = false;
  /** The last frame with actions. */
  #lastActions: UpItem | undefined;

  constructor(name: string, principal: string) {
    this.name = name;
    this.principal = principal;
  }

  /** Half-open: nothing arrives any more, either way, and nobody is told. */
  get isBlack(): boolean {
    return this.#isBlack;
  }

  /** Whether nothing is on its way, and nothing ever will be. */
  get isOver(): boolean {
    if (this.#isBlack) return true;
    return this.#isUpCut && this.#isDownCut && this.#up.length === 0 && this.#down.length === 0;
  }

  sendUp(item: UpItem): void {
    if (!this.#isUpCut && !this.#isBlack) this.#up.push(item);
    if (item.type === "frame" && item.text.includes('"type":"action"')) this.#lastActions = item;
    if (item.type === "close") this.#isUpCut = true;
  }

  sendDown(item: DownItem): void {
    if (!this.#isDownCut && !this.#isBlack) this.#down.push(item);
    if (item.type === "close" || item.type === "refused") this.#isDownCut = true;
  }

  /** The last actions are sent once more, as by a client that does not know that they arrived. */
  repeat(): void {
    if (this.#lastActions) this.sendUp(this.#lastActions);
  }

  /** What the server would be given next. */
  upReady(now: number): boolean {
    const [item] = this.#up;
    if (!item || this.#isBlack) return false;
    return this.#upUntil <= now && (item.type !== "close" || item.notBefore <= now);
  }

  downReady(now: number): boolean {
    return this.#down.length > 0 && !this.#isBlack && this.#downUntil <= now;
  }

  takeUp(): UpItem {
    const item = this.#up.shift();
    if (!item) throw new Error("Nothing is on its way to the server.");
    return item;
  }

  takeDown(): DownItem {
    const item = this.#down.shift();
    if (!item) throw new Error("Nothing is on its way to the page.");
    return item;
  }

  delay(way: "up" | "down", until: number): void {
    if (way === "up") this.#upUntil = Math.max(this.#upUntil, until);
    else this.#downUntil = Math.max(this.#downUntil, until);
  }

  /** Nothing is held back any more, and what the server was to hear later it hears now. */
  heal(): void {
    this.#upUntil = this.#downUntil = 0;
    const last = this.#up.at(-1);
    if (last?.type === "close") this.#up[this.#up.length - 1] = { ...last, notBefore: 0 };
  }

  goBlack(): void {
    this.#isBlack = true;
    this.#up.length = this.#down.length = 0;
  }

  /** The network drops the link: of what is in flight, so much arrives, and then each end hears. */
  cut({ up, down, heardAt }: Cut): void {
    if (!this.#isUpCut) {
      this.#up.length = Math.min(this.#up.length, up);
      this.sendUp({ type: "close", code: 1006, reason: "", notBefore: heardAt });
    }
    if (!this.#isDownCut) {
      this.#down.length = Math.min(this.#down.length, down);
      this.sendDown({ type: "close", code: 1006, reason: "" });
    }
  }

  /** The server's process is gone, and its end with it. */
  dropServerEnd(down: number): void {
    this.#up.length = 0;
    this.#isUpCut = true;
    if (this.#isDownCut) return;
    this.#down.length = Math.min(this.#down.length, down);
    this.sendDown({ type: "close", code: 1006, reason: "" });
  }

  get inFlight(): { readonly up: number; readonly down: number } {
    return { up: this.#up.length, down: this.#down.length };
  }
}
