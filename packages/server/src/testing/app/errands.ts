/** More turns than anything that ends by itself takes. */
const MOST_TURNS = 100_000;
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
    let quiet = 0;
    for (let turn = 0; quiet < QUIET_TURNS; turn++) {
      if (turn > MOST_TURNS)
        throw new Error("The app does not come to rest: it goes on by itself.");
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#isRunning || this.#underWay > 0 ? 0 : quiet + 1;
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
