import { Instance, type InstanceOptions } from "../../host/instance.ts";
import type { Alarm, Clock } from "./clock.ts";
import { type SqlWatch, watchedSql } from "./watched-sql.ts";

/** What an instance is made of, and what of its platform outlives its memory. */
export interface LifeOptions extends Omit<InstanceOptions, "platform"> {
  readonly clock: Clock;
  readonly token: (length: number) => string;
  /** Sees what it writes. */
  readonly watch?: Pick<SqlWatch, "beforeWrite" | "afterWrite">;
  readonly setAlarm: (at: number | undefined) => void;
  readonly abort: (reason: string) => void;
  readonly report: (message: string, cause?: unknown) => void;
}

/** Thrown into whatever still runs of a life that is over. */
export class LifeIsOver extends Error {
  constructor() {
    super("The instance was killed.");
  }
}

/** One stay of an instance in memory. Once it is over, nothing that still runs of it has any effect. */
export class Life {
  readonly instance: Instance;
  readonly #clock: Clock;
  readonly #timers = new Set<Alarm>();
  #isOver = false;
  readonly #over: Promise<never>;
  #reject: (error: LifeIsOver) => void = () => {};

  constructor(options: LifeOptions) {
    const { clock, token, sql, watch, setAlarm, abort, report } = options;
    this.#clock = clock;
    this.#over = new Promise((_, reject) => (this.#reject = reject));
    // Who waits for something is told by `during`.
    this.#over.catch(() => {});
    const onUse = (): void => {
      if (this.#isOver) throw new LifeIsOver();
    };
    const whileAlive =
      <Parameters extends readonly unknown[]>(work: (...parameters: Parameters) => void) =>
      (...parameters: Parameters): void => {
        if (!this.#isOver) work(...parameters);
      };
    this.instance = new Instance({
      ...options,
      sql: watchedSql(sql, { ...watch, onUse }),
      platform: {
        now: () => clock.now,
        token,
        after: (ms, callback) => this.after(ms, callback),
        setAlarm: whileAlive(setAlarm),
        abort: whileAlive(abort),
        report: whileAlive((error: unknown, what: string) => report(what, error)),
        warn: whileAlive((message: string) => report(message)),
      },
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nothing is under way: memory may go. */
  get isIdle(): boolean {
    return this.#timers.size === 0 && this.instance.running === undefined;
  }

  /** Calls back unless the life is over by then; what it gives calls that off. */
  after(milliseconds: number, callback: () => void): () => void {
    const clock = this.#clock;
    const timer = clock.set(clock.now + milliseconds, () => {
      this.#timers.delete(timer);
      callback();
    });
    const callOff = (): void => {
      this.#timers.delete(timer);
      clock.clear(timer);
    };
    if (this.#isOver) callOff();
    else this.#timers.add(timer);
    return callOff;
  }

  /**
   * What `work` comes to.
   *
   * @throws LifeIsOver when the life ends first
   */
  during<Result>(work: Result | Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#over]);
  }

  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) this.#clock.clear(timer);
    this.#timers.clear();
    this.#reject(new LifeIsOver());
  }
}
