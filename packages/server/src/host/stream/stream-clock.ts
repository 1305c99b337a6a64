import type { Platform } from "../platform.ts";

/**
 * When streams have their turn: at once where it matters, else at a pace that readers can follow. Its
 * timers are short ones, and there are none while nothing is written.
 */
export class StreamClock {
  readonly #platform: Platform;
  readonly #pace: number;
  readonly #turn: () => void;
  #last = Number.NEGATIVE_INFINITY;
  #isQueued = false;
  #next: number | undefined;
  #stop: () => void = () => {};

  constructor(platform: Platform, pace: number, turn: () => void) {
    this.#platform = platform;
    this.#pace = pace;
    this.#turn = turn;
  }

  /** As soon as the code that runs has come to its end. */
  now(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      this.#take();
    });
  }

  /** Now, if the last turn is long enough ago; else when it is. */
  soon(): void {
    if (this.#isQueued) return;
    const at = this.#last + this.#pace;
    if (at <= this.#platform.now()) this.now();
    else this.at(at);
  }

  /** At that time, or before. */
  at(time: number): void {
    if (this.#isQueued || (this.#next !== undefined && this.#next <= time)) return;
    this.#stop();
    this.#next = time;
    const wait = Math.max(1, Math.ceil(time - this.#platform.now()));
    this.#stop = this.#platform.after(wait, () => {
      this.#next = undefined;
      this.#take();
    });
  }

  #take(): void {
    this.#last = this.#platform.now();
    this.#turn();
  }
}
