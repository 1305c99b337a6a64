import { randomToken } from "@holdfast/protocol";
import type { Alarm, Clock } from "./clock.ts";
import { PageSocket } from "./page-socket.ts";
import type { TestBrowser } from "./test-browser.ts";
import type { TestConnection } from "./test-connection.ts";

type Signal = "online" | "offline" | "visible" | "hidden";

/** The parts of the world that a client takes from a page: `ClientOptions["environment"]`. */
export interface TestEnvironment {
  readonly origin: string;
  readonly WebSocket: new (url: string, protocols?: string | string[]) => WebSocket;
  readonly cookies: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
  readonly random: () => number;
  readonly randomToken: (length: number) => string;
  readonly setTimeout: (callback: () => void, milliseconds: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly isOnline: () => boolean;
  readonly isVisible: () => boolean;
  readonly onPageSignal: (listener: (signal: Signal) => void) => () => void;
  readonly report: (message: string, cause?: unknown) => void;
}

/** What a page reaches of its app. */
export interface PageSurroundings {
  readonly origin: string;
  readonly clock: Clock;
  readonly browser: TestBrowser;
  readonly token: (() => string | undefined) | undefined;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Brings a socket to its instance, or tells it why not. */
  readonly connect: (socket: PageSocket, request: Request) => Promise<TestConnection>;
  readonly report: (message: string, cause?: unknown) => void;
}

/** Options to make a client of, or hooks: `createClient<App>(page.options)`. */
export interface TestPageOptions {
  readonly host: string;
  readonly environment: TestEnvironment;
  readonly token?: () => string;
}

/** A page of a browser, with a network of its own that can be taken away. */
export class TestPage {
  readonly options: TestPageOptions;
  readonly #around: PageSurroundings;
  readonly #listeners = new Set<(signal: Signal) => void>();
  readonly #timers = new Set<Alarm>();
  readonly #connections = new Set<TestConnection>();
  #isOnline = true;
  #isVisible = true;
  #isClosed = false;

  constructor(around: PageSurroundings) {
    this.#around = around;
    const { token, origin } = around;
    this.options = {
      host: origin,
      environment: this.#environment(),
      ...(token && { token: () => token() ?? "" }),
    };
  }

  goOffline(): void {
    if (!this.#isOnline) return;
    this.#isOnline = false;
    this.#signal("offline");
    this.cut();
  }

  goOnline(): void {
    if (this.#isOnline) return;
    this.#isOnline = true;
    this.#signal("online");
  }

  hide(): void {
    this.#isVisible = false;
    this.#signal("hidden");
  }

  show(): void {
    this.#isVisible = true;
    this.#signal("visible");
  }

  /** Breaks every link of the page; it connects again by itself. */
  cut(): void {
    for (const connection of this.#connections) connection.cut();
    this.#connections.clear();
  }

  /** The tab is killed: nothing of it runs any more. */
  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    for (const timer of this.#timers) this.#around.clock.clear(timer);
    this.cut();
  }

  #signal(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  #environment(): TestEnvironment {
    const { origin, clock, browser, report } = this.#around;
    const connect = (socket: PageSocket): void => this.#connect(socket);
    class Socket extends PageSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        connect(this);
      }
    }
    return {
      origin,
      // True because partysocket uses no more of a WebSocket than there is.
      WebSocket: Socket as unknown as TestEnvironment["WebSocket"],
      get cookies() {
        return browser.readable;
      },
      fetch: (url, init) => this.#fetch(url, init),
      now: () => clock.now,
      random: () => Math.random(),
      randomToken: (length) => randomToken(length),
      setTimeout: (callback, ms) => this.#setTimeout(callback, ms),
      // True because timers come from the function above; clearing none is allowed.
      clearTimeout: (timer) => timer !== undefined && clock.clear(timer as Alarm),
      isOnline: () => this.#isOnline,
      isVisible: () => this.#isVisible,
      onPageSignal: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      report,
    };
  }

  #setTimeout(callback: () => void, ms: number): Alarm {
    const { clock } = this.#around;
    const timer = clock.set(clock.now + ms, () => {
      this.#timers.delete(timer);
      if (!this.#isClosed) callback();
    });
    this.#timers.add(timer);
    return timer;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    if (!this.#isOnline || this.#isClosed) throw new TypeError("Failed to fetch");
    const response = await this.#around.fetch(this.#request(url, init));
    this.#around.browser.take(response);
    return response;
  }

  #connect(socket: PageSocket): void {
    // Until it is known where it leads, a socket has nobody to tell.
    const early: Parameters<TestConnection["take"]>[0][] = [];
    socket.link = { sendUp: (item) => void early.push(item) };
    if (!this.#isOnline || this.#isClosed) {
      setImmediate(() => socket.deliver({ type: "refused" }));
      return;
    }
    const headers = { "Sec-WebSocket-Protocol": socket.protocols.join(", ") };
    const request = this.#request(socket.url.replace(/^ws/, "http"), { headers });
    this.#around.connect(socket, request).then(
      (connection) => {
        socket.link = { sendUp: (item) => connection.take(item) };
        this.#connections.add(connection);
        for (const item of early) connection.take(item);
        if (!this.#isOnline || this.#isClosed) this.cut();
      },
      (error: unknown) => {
        this.#around.report("A socket could not be connected", error);
        socket.deliver({ type: "refused" });
      },
    );
  }

  /** As a browser sends it: with where the page is from, and its cookies. */
  #request(url: string, init: RequestInit): Request {
    const headers = new Headers(init.headers);
    headers.set("Origin", this.#around.origin);
    const cookies = this.#around.browser.sent;
    if (cookies !== "") headers.set("Cookie", cookies);
    return new Request(url, { ...init, headers });
  }
}
