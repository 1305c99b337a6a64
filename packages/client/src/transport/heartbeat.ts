import type { Environment } from "../environment.ts";
import { Timeout } from "../timeout.ts";

/** A half-open link is noticed after at most one interval and one deadline: 13 s (G13: 15 s). */
const INTERVAL_MS = 5_000;
const PONG_DEADLINE_MS = 8_000;
/** When the page has just become visible or online, a person is waiting. */
const PROBE_DEADLINE_MS = 3_000;

export interface HeartbeatOptions {
  readonly environment: Environment;
  /** Sends a ping; anything that arrives counts as its answer. */
  readonly ping: () => void;
  /** Bytes that wait to be sent: while they become fewer, the link is alive, only slow. */
  readonly unsentBytes: () => number;
  readonly onDead: () => void;
}

/**
 * Finds out that a link is half-open: the other end is gone and nobody said so. Beats while the page
 * is visible; a hidden page's timers are throttled, and it is probed when it becomes visible.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #beat: Timeout;
  readonly #deadline: Timeout;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#beat = new Timeout(options.environment);
    this.#deadline = new Timeout(options.environment);
  }

  /** Begins to beat; beats no more after `stop()`. */
  start(): void {
    const { environment } = this.#options;
    const due = environment.now() + INTERVAL_MS;
    this.#beat.set(INTERVAL_MS, () => {
      this.start();
      // Much too late: the machine slept, and the link has probably not survived it.
      const slept = environment.now() > due + INTERVAL_MS;
      if (environment.isVisible()) this.#ask(slept ? PROBE_DEADLINE_MS : PONG_DEADLINE_MS);
    });
  }

  stop(): void {
    this.#beat.clear();
    this.arrived();
  }

  /** Asks at once, with a short deadline. */
  probe(): void {
    this.arrived();
    this.#ask(PROBE_DEADLINE_MS);
  }

  /** The link is dead unless something arrives within so many milliseconds. */
  expect(milliseconds: number): void {
    const { unsentBytes, onDead } = this.#options;
    const unsent = unsentBytes();
    this.#deadline.set(milliseconds, () => {
      if (unsentBytes() < unsent) this.expect(milliseconds);
      else onDead();
    });
  }

  /** Something arrived: the link is alive. */
  arrived(): void {
    this.#deadline.clear();
  }

  #ask(milliseconds: number): void {
    // One question at a time: a second one would put off the deadline of the first.
    if (this.#deadline.isSet) return;
    this.expect(milliseconds);
    this.#options.ping();
  }
}
