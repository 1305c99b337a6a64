import type { Platform } from "../../host/platform.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarm, Clock } from "./clock.ts";
import { type SqlWatch, watchedSql } from "./watched-sql.ts";

/** Who lives. */
interface Living {
  /** Resolves when what is under way is over; `undefined` where nothing is. */
  readonly running: Promise<unknown> | undefined;
}

/** What a life is made of: what outlives it, and who is to live. */
export interface LifeOptions<Here extends Living> {
  readonly sql: SqlPort;
  readonly clock: Clock;
  readonly token: (length: number) => string;
  /** Sees what is written. */
  readonly watch?: Pick<SqlWatch, "beforeWrite" | "afterWrite">;
  readonly setAlarm: (at: number | undefined) => void;
  readonly abort: (reason: string) => void;
  readonly report: (message: string, cause?: unknown) => void;
  readonly begin: (ground: { readonly sql: SqlPort; readonly platform: Platform }) => Here;
}

/** Thrown into whatever still runs of a life that is over. */
export class LifeIsOver extends Error {
  constructor() {
    super("The instance was killed.");
  }
}

/**
 * One stay in memory, of an instance or whatever else lives in an object. Once it is over, nothing
 * that still runs of it has any effect.
 */
export class Life<Here extends Living> {
  readonly resident: Here;
  readonly #clock: Clock;
  readonly #timers = new Set<Alarm>();
  #isOver = false;
  readonly #end: PromiseWithResolvers<never> = Promise.withResolvers();

  constructor(options: LifeOptions<Here>) {
    const { clock, token, sql, watch, setAlarm, abort, report } = options;
    this.#clock = clock;
    // Who waits for something is told by `during`.
    this.#end.promise.catch(() => {});
    const onUse = (): void => {
      if (this.#isOver) throw new LifeIsOver();
    };
    const whileAlive =
      <Parameters extends readonly unknown[]>(work: (...parameters: Parameters) => void) =>
      (...parameters: Parameters): void => {
        if (!this.#isOver) work(...parameters);
      };
    this.resident = options.begin({
      sql: watchedSql(sql, { ...watch, onUse }),
      platform: {
        now: () => clock.now,
        token,
        after: (ms, callback) => this.after(ms, callback),
        durable: () => (this.#isOver ? this.#end.promise : undefined),
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
    return this.#timers.size === 0 && this.resident.running === undefined;
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
    return Promise.race([work, this.#end.promise]);
  }

  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) this.#clock.clear(timer);
    this.#timers.clear();
    this.#end.reject(new LifeIsOver());
  }
}
