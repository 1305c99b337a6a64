import type { Environment, Timer } from "../environment.ts";

/**
 * A killed server loses all its clients at once, and they must not come back at once: over a window
 * of 5 s, 100 ms hold 2 % of them, and as good as never 5 %, also when those join them who came
 * while the server was down.
 */
const FIRST_WINDOW_MS = 5_000;
/** However often it has failed meanwhile: who was unlucky early is not to wait long after a restart. */
const RESTART_WINDOW_MS = 10_000;
const LAST_WINDOW_MS = 30_000;

/**
 * When to try again: full jitter, that is, evenly spread over a window that doubles with every
 * failure, but is no longer than twice the time since the first of them. The first attempt of all is
 * made at once.
 */
export class BackOff {
  readonly #environment: Environment;
  #failures = 0;
  #failingSince = 0;
  #waiting: { readonly timer: Timer; readonly done: () => void } | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  failed(): void {
    if (this.#failures === 0) this.#failingSince = this.#environment.now();
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Resolves when it is time for the next attempt, or at `wake()`. */
  wait(): Promise<void> {
    const delay = this.#delay();
    if (delay === 0) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting = { timer: this.#environment.setTimeout(() => this.wake(), delay), done };
    });
  }

  /** Ends the wait: something happened that makes success likely. */
  wake(): void {
    if (!this.#waiting) return;
    const { timer, done } = this.#waiting;
    this.#waiting = undefined;
    this.#environment.clearTimeout(timer);
    done();
  }

  #delay(): number {
    if (this.#failures === 0) return 0;
    const { random, now } = this.#environment;
    // The browser may be wrong about being offline (it knows nothing of a server on this machine),
    // so it is tried all the same, but rarely; `online` ends the wait.
    if (!this.#environment.isOnline()) return LAST_WINDOW_MS * (0.5 + random() / 2);
    const doubled = FIRST_WINDOW_MS * 2 ** (this.#failures - 1);
    const sinceFirst = Math.max(RESTART_WINDOW_MS, (now() - this.#failingSince) * 2);
    return Math.ceil(random() * Math.min(LAST_WINDOW_MS, doubled, sinceFirst));
  }
}
