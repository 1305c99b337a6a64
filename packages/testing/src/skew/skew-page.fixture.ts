import { expect, vi } from "vitest";
import { nodePage } from "../node-page.ts";
import type { SkewBoardHandle, SkewBuild, SkewState } from "./builds.ts";

const PATIENCE = { timeout: 30_000, interval: 10 };

/** One person's page, with a client of some age, on a real socket. */
export class SkewPage {
  readonly board: SkewBoardHandle;
  /** What came in on all of its sockets. */
  readonly frames: string[] = [];
  readonly #sockets: { terminate(): void }[] = [];
  readonly #close: () => void;

  constructor({ client }: SkewBuild, url: string, key: string) {
    const { frames } = this;
    const sockets = this.#sockets;
    const page = nodePage(url);
    const Socket = page.WebSocket;
    if (!Socket) throw new Error("A page of Node has sockets.");
    class Watched extends Socket {
      constructor(address: string, protocols?: string | string[]) {
        super(address, protocols);
        // True because a page of Node has sockets of `ws`.
        sockets.push(this as unknown as { terminate(): void });
        this.addEventListener("message", ({ data }) => frames.push(String(data)));
      }
    }
    const { createClient, optimism, presence, streams } = client;
    const environment = { ...page, WebSocket: Watched };
    const parts = { ...(presence ? { presence } : {}), ...(streams ? { streams } : {}) };
    const made = createClient({ host: url, optimism, ...parts, environment });
    this.board = made.module("board", key);
    this.#close = () => made.close();
    this.board.subscribe(() => undefined);
  }

  /** How often it has tried to connect. */
  get attempts(): number {
    return this.#sockets.length;
  }

  get state(): SkewState {
    const { state } = this.board.getSnapshot();
    if (!state) throw new Error("The page shows nothing.");
    return state;
  }

  async isLive(): Promise<void> {
    await vi.waitFor(() => expect(this.board.getSnapshot().status).toBe("live"), PATIENCE);
  }

  async shows(state: Partial<SkewState>): Promise<void> {
    await vi.waitFor(() => {
      expect(this.board.getSnapshot()).toMatchObject({ state, pending: 0, status: "live" });
    }, PATIENCE);
  }

  /** Its link breaks. */
  drop(): void {
    this.#sockets.at(-1)?.terminate();
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
