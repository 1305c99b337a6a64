import type { Environment } from "../environment.ts";
import { Timeout } from "../timeout.ts";

/**
 * A killed server loses all its clients at once, and they must not come back at once: over a window
 * of 5 s, 100 ms hold 2 % of them, and as good as never 5 %, also when those join them who came
 * while the server was down.
 */
const FIRST_WINDOW_MS = 5_000;
/**
 * However often it has failed meanwhile: who was unlucky early is not to wait long after a restart. A server
 * that is killed over and over has everybody back within this and a second attempt each time.
 */
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
  #since = 0;
  #due = 0;
  #isHurried = false;
  readonly #timeout: Timeout;
  #done: (() => void) | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#timeout = new Timeout(environment);
  }

  /** @param wasLive the server was there meanwhile, if not for long: it fails since now */
  failed(wasLive = false): void {
    if (wasLive || this.#failures === 0) this.#failingSince = this.#environment.now();
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Resolves when it is time for the next attempt, or at `wake()`. */
  wait(): Promise<void> {
    const delay = this.#delay();
    if (delay === 0) return Promise.resolve();
    this.#since = this.#environment.now();
    this.#isHurried = false;
    return new Promise((done) => {
      this.#done = done;
      this.#wakeIn(delay);
    });
  }

  /** Ends the wait: something happened that makes success likely. */
  wake(): void {
    this.#timeout.clear();
    this.#done?.();
    this.#done = undefined;
  }

  /**
   * Somebody waits for the server: a wait that has lasted as long as the first window ends at once, a
   * younger one within that window. So nobody who acts is held up for long, and still those who all
   * act do not all come together.
   */
  hurry(): void {
    if (!this.#done || this.#isHurried) return;
    this.#isHurried = true;
    const { now, random } = this.#environment;
    // The page's clock may be set meanwhile: no wait becomes longer than the window.
    const left = Math.min(FIRST_WINDOW_MS, this.#since + FIRST_WINDOW_MS - now());
    if (left <= 0) this.wake();
    else if (this.#due - now() > left) this.#wakeIn(random() * left);
  }

  #wakeIn(milliseconds: number): void {
    this.#due = this.#environment.now() + milliseconds;
    this.#timeout.set(milliseconds, () => this.wake());
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
