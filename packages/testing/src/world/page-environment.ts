import type { Environment, PageSignal } from "@holdfast/client";
import type { Alarm, Clock } from "@holdfast/server/internal/testing/app/clock";
import type { Link } from "./link.ts";
import { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import type { Random } from "../random.ts";

/** How a request of the page goes out into the world. */
export interface Request {
  readonly respond: (response: Response) => void;
  readonly fail: () => void;
}

/** What a page reaches of the world. */
export interface PageSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  /** The network takes a new socket. */
  connect(socket: PageSocket<Link>): Link;
  request(request: Request): void;
  /** A token was drawn. */
  named(token: string): void;
  report(message: string, cause: unknown): void;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The browser around one page, as the client sees it. */
export class PageEnvironment {
  readonly environment: Environment;
  /** How far the page's clock is ahead of the world's. */
  skew = 0;
  /** The newest socket. */
  socket: PageSocket<Link> | undefined;
  /** When each socket was made. */
  readonly attempts: number[] = [];
  readonly #surroundings: PageSurroundings;
  readonly #armed = new Set<Timer>();
  readonly #listeners = new Set<(signal: PageSignal) => void>();
  #isOnline = true;
  #isVisible = true;
  #isGone = false;
  /** Asleep until then: no timer runs, nothing is taken in. */
  #asleepUntil = 0;
  #visibleSince = 0;
  #attemptsAtTerminalClose: number | undefined;

  constructor(surroundings: PageSurroundings) {
    this.#surroundings = surroundings;
    const { clock, random } = surroundings;
    const made = (socket: PageSocket<Link>): void => this.#made(socket);
    class Socket extends PageSocket<Link> {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        made(this);
      }
    }
    this.environment = {
      origin: "https://app.example",
      // True because partysocket uses no more of a WebSocket than there is.
      WebSocket: Socket as unknown as NonNullable<Environment["WebSocket"]>,
      fetch: () => this.#fetch(),
      now: () => clock.now + this.skew,
      random: () => random.next(),
      randomToken: (length) => this.#token(length),
      setTimeout: (callback, milliseconds) => this.#setTimeout(callback, milliseconds),
      // True because timers come from the function above; clearing none is allowed.
      clearTimeout: (timer) => timer !== undefined && this.#clearTimeout(timer as Timer),
      isOnline: () => this.#isOnline,
      isVisible: () => this.#isVisible,
      onPageSignal: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      report: (message, cause) => surroundings.report(message, cause),
    };
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  get isVisible(): boolean {
    return this.#isVisible;
  }

  get isAsleep(): boolean {
    return this.#surroundings.clock.now < this.#asleepUntil;
  }

  /** Visible and awake since; `Infinity` while it is not. */
  get attentiveSince(): number {
    if (!this.#isVisible || this.isAsleep) return Number.POSITIVE_INFINITY;
    return Math.max(this.#visibleSince, this.#asleepUntil);
  }

  /** A close came that no attempt may follow. */
  closedForGood(): void {
    this.#attemptsAtTerminalClose ??= this.attempts.length;
  }

  /** Sockets that were made all the same. */
  get attemptsAfterTerminalClose(): number {
    const before = this.#attemptsAtTerminalClose;
    return before === undefined ? 0 : this.attempts.length - before;
  }

  setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    this.#signal(isOnline ? "online" : "offline");
  }

  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    this.#visibleSince = this.#surroundings.clock.now;
    this.#signal(isVisible ? "visible" : "hidden");
  }

  sleep(milliseconds: number): void {
    const until = this.#surroundings.clock.now + milliseconds;
    // Nobody falls asleep who sleeps.
    if (!this.isAsleep) this.#asleepUntil = until;
  }

  wake(): void {
    if (!this.isAsleep) return;
    const { clock } = this.#surroundings;
    const overslept = [...this.#armed].filter(({ alarm }) => alarm?.at === this.#asleepUntil);
    this.#asleepUntil = clock.now;
    for (const timer of overslept) this.#arm(timer, clock.now);
  }

  /** The tab is gone: nothing of it runs any more. */
  vanish(): void {
    this.#isGone = true;
    for (const timer of this.#armed) this.#clearTimeout(timer);
    this.#listeners.clear();
  }

  #signal(signal: PageSignal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  #made(socket: PageSocket<Link>): void {
    this.socket = socket;
    this.attempts.push(this.#surroundings.clock.now);
    socket.link = this.#surroundings.connect(socket);
  }

  #fetch(): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (this.#isGone) return;
      this.#surroundings.request({
        respond: resolve,
        fail: () => reject(new TypeError("Failed to fetch")),
      });
    });
  }

  #token(length: number): string {
    const { random } = this.#surroundings;
    let token = "";
    while (token.length < length) token += ALPHABET.charAt(random.between(0, 63));
    this.#surroundings.named(token);
    return token;
  }

  #setTimeout(callback: () => void, milliseconds: number): Timer {
    const timer: Timer = { callback, alarm: undefined };
    if (!this.#isGone) this.#arm(timer, this.#surroundings.clock.now + milliseconds);
    return timer;
  }

  #arm(timer: Timer, at: number): void {
    this.#clearTimeout(timer);
    timer.alarm = this.#surroundings.clock.set(at, () => this.#ring(timer));
    this.#armed.add(timer);
  }

  #ring(timer: Timer): void {
    if (this.isAsleep) {
      // Late timers of a machine that slept run when it wakes.
      this.#arm(timer, this.#asleepUntil);
      return;
    }
    this.#clearTimeout(timer);
    timer.callback();
  }

  #clearTimeout(timer: Timer): void {
    if (!timer.alarm) return;
    this.#surroundings.clock.clear(timer.alarm);
    this.#armed.delete(timer);
    timer.alarm = undefined;
  }
}

interface Timer {
  readonly callback: () => void;
  alarm: Alarm | undefined;
}
