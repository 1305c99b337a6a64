import { randomToken } from "@holdfast/protocol";
import type { Environment, PageSignal, WebSocketConstructor } from "./environment.ts";
import { FakeSocket } from "./socket.fixture.ts";

interface VirtualTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** A page with a virtual clock and a network that is flushed by hand. */
export class TestPage {
  readonly environment: Environment;
  /** Every socket that was ever made, oldest first. */
  readonly sockets: FakeSocket[] = [];
  readonly posts: string[] = [];
  readonly reports: { readonly message: string; readonly cause: unknown }[] = [];
  /** Answers `POST /holdfast/session`; throws for a network that fails. */
  answerPost: () => Response | Promise<Response> = () => new Response(null, { status: 204 });
  random = (): number => 0.5;
  now = 1_700_000_000_000;
  isOnline = true;
  isVisible = true;
  readonly #timers = new Set<VirtualTimer>();
  readonly #signals = new Set<(signal: PageSignal) => void>();

  constructor() {
    const { sockets } = this;
    this.environment = {
      origin: "https://app.example",
      WebSocket: class extends FakeSocket {
        constructor(url: string, protocols?: string | string[]) {
          super(url, protocols);
          sockets.push(this);
        }
        // True because partysocket uses no more of a WebSocket than the fake has.
      } as unknown as WebSocketConstructor,
      fetch: async (url) => {
        this.posts.push(url);
        return this.answerPost();
      },
      now: () => this.now,
      random: () => this.random(),
      randomToken,
      setTimeout: (callback, milliseconds) => {
        const timer = { at: this.now + milliseconds, callback };
        this.#timers.add(timer);
        return timer;
      },
      // True because timers come from the function above.
      clearTimeout: (timer) => this.#timers.delete(timer as VirtualTimer),
      isOnline: () => this.isOnline,
      isVisible: () => this.isVisible,
      onPageSignal: (listener) => {
        this.#signals.add(listener);
        return () => this.#signals.delete(listener);
      },
      report: (message, cause) => this.reports.push({ message, cause }),
    };
  }

  /** The socket at hand. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("No socket was made.");
    return socket;
  }

  /** Sockets that are open or about to be. */
  get liveSockets(): FakeSocket[] {
    return this.sockets.filter(({ readyState }) => readyState <= FakeSocket.OPEN);
  }

  get timers(): number {
    return this.#timers.size;
  }

  get signalListeners(): number {
    return this.#signals.size;
  }

  /** Lets time pass, timer by timer. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.now = Math.max(this.now, due.at);
      due.callback();
      await settle();
    }
    this.now = end;
  }

  async signal(signal: PageSignal): Promise<void> {
    if (signal === "online" || signal === "offline") this.isOnline = signal === "online";
    else this.isVisible = signal === "visible";
    for (const listener of this.#signals) listener(signal);
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}
