import type { Environment, Timer } from "./environment.ts";

/** One call that is made later, unless it is put off or given up before. */
export class Timeout {
  readonly #environment: Environment;
  #timer: Timer;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get isSet(): boolean {
    return this.#timer !== undefined;
  }

  /** In place of the call that was to be made. */
  set(milliseconds: number, callback: () => void): void {
    this.clear();
    this.#timer = this.#environment.setTimeout(() => {
      this.#timer = undefined;
      callback();
    }, milliseconds);
  }

  clear(): void {
    this.#environment.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
