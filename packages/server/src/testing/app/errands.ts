/** More turns than anything that ends by itself takes. */
const MOST_TURNS = 100_000;
/** What is asked of the world outside, like a store, has answered by then. */
const MOST_WAIT_MS = 4_000;
/** What a promise or a timer of zero has begun shows within so many turns. */
const QUIET_TURNS = 3;

/**
 * What is on its way: done one after the other, each in a turn of the event loop of its own, as
 * messages of a network are.
 */
export class Errands {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;
  #underWay = 0;

  post(errand: () => void): void {
    this.#waiting.push(errand);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => this.#next());
  }

  /** Counts as on its way until it is over. */
  async follow<Result>(work: Promise<Result>): Promise<Result> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
    }
  }

  /**
   * Resolves when nothing is on its way any more.
   *
   * @throws Error when that does not come
   */
  async rest(): Promise<void> {
    const began = performance.now();
    let turns = 0;
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#isRunning || this.#underWay > 0 ? 0 : quiet + 1;
      if (this.#isRunning && ++turns > MOST_TURNS) {
        throw new Error("The app does not come to rest: it goes on by itself.");
      }
      if (this.#underWay > 0 && performance.now() - began > MOST_WAIT_MS) {
        throw new Error(
          "The app does not come to rest: a request, a call of the server or a store does not end. Have what it waits for happen first.",
        );
      }
    }
  }

  #next(): void {
    const errand = this.#waiting.shift();
    try {
      errand?.();
    } finally {
      if (this.#waiting.length > 0) setImmediate(() => this.#next());
      else this.#isRunning = false;
    }
  }
}
