import type { Environment, Timer } from "../environment.ts";

/**
 * A killed server loses all its clients at once, and they must not come back at once: over a window
 * of 4 s, 100 ms hold 2.5 % of them.
 */
const FIRST_WINDOW_MS = 4_000;
const LAST_WINDOW_MS = 30_000;

/**
 * When to try again: full jitter, that is, evenly spread over a window that doubles with every
 * failure. The first attempt of all is made at once.
 */
export class BackOff {
  readonly #environment: Environment;
  #failures = 0;
  #since = 0;
  #due = 0;
  #isHurried = false;
  #timer: Timer;
  #done: (() => void) | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  failed(): void {
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
    this.#environment.clearTimeout(this.#timer);
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
    const wait = Math.min(this.#due - now(), random() * left);
    if (wait <= 0) this.wake();
    else this.#wakeIn(wait);
  }

  #wakeIn(milliseconds: number): void {
    const { now, setTimeout, clearTimeout } = this.#environment;
    clearTimeout(this.#timer);
    this.#due = now() + milliseconds;
    this.#timer = setTimeout(() => this.wake(), milliseconds);
  }

  #delay(): number {
    if (this.#failures === 0) return 0;
    const { random } = this.#environment;
    // The browser may be wrong about being offline (it knows nothing of a server on this machine),
    // so it is tried all the same, but rarely; `online` ends the wait.
    if (!this.#environment.isOnline()) return LAST_WINDOW_MS * (0.5 + random() / 2);
    const window = Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** (this.#failures - 1));
    return Math.ceil(random() * window);
  }
}
