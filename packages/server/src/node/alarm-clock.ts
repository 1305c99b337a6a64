import type { NodeSqlite } from "./node-sqlite-port.ts";

/** Node's timers cannot be set further ahead. */
const MOST_TIMER_MS = 2 ** 31 - 1;

const CREATE = `CREATE TABLE IF NOT EXISTS alarms (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID`;

/**
 * When which instance is to ring, on one timer, kept over restarts. What an instance really has to do
 * stands in its own database; here is only when to look. So what is stored may be too early, and is
 * then put right by the look, but never too late: an earlier time is stored before the rows that it
 * is for, a later one some time afterwards.
 */
export class AlarmClock {
  readonly #sql: NodeSqlite;
  readonly #now: () => number;
  readonly #ring: (name: string) => void;
  readonly #times = new Map<string, number>();
  readonly #stored = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;
  #isStopped = true;

  constructor(sql: NodeSqlite, now: () => number, ring: (name: string) => void) {
    this.#sql = sql;
    this.#now = now;
    this.#ring = ring;
    sql.run(CREATE);
    for (const row of sql.run("SELECT name, at FROM alarms")) {
      const [name, at] = [String(row["name"]), Number(row["at"])];
      this.#times.set(name, at);
      this.#stored.set(name, at);
    }
  }

  /** Begins to ring; what became due while nobody looked rings at once. */
  start(): void {
    this.#isStopped = false;
    this.#look();
  }

  /** When the instance rings next. */
  get(name: string): number | undefined {
    return this.#times.get(name);
  }

  /** Makes sure that a crash right behind this does not make the alarm ring too late. */
  foresee(name: string, at: number | undefined): void {
    if (at === undefined || at >= (this.#stored.get(name) ?? Number.POSITIVE_INFINITY)) return;
    this.#store(name, at);
  }

  /** From now on the instance rings at this time, and at no other. */
  set(name: string, at: number | undefined): void {
    if (at === undefined) this.#times.delete(name);
    else this.#times.set(name, at);
    if (at !== undefined && at < this.#next) this.#arm(at);
  }

  /** Stores when an instance really rings, where that is later than what is stored. */
  tidy(name: string): void {
    const at = this.#times.get(name);
    if (at !== this.#stored.get(name)) this.#store(name, at);
  }

  /** Rings no more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const late = [...this.#stored].filter(([name, at]) => this.#times.get(name) !== at);
    this.#sql.transaction(() => {
      for (const [name] of late) this.tidy(name);
    });
  }

  #store(name: string, at: number | undefined): void {
    if (at === undefined) {
      this.#sql.run("DELETE FROM alarms WHERE name = ?", name);
      this.#stored.delete(name);
    } else {
      this.#sql.run("INSERT OR REPLACE INTO alarms (name, at) VALUES (?, ?)", name, Math.floor(at));
      this.#stored.set(name, Math.floor(at));
    }
  }

  #look(): void {
    const now = this.#now();
    const due = [...this.#times].filter(([, at]) => at <= now);
    for (const [name] of due) {
      // Like the platform's: what rings is no longer set. Should the process end over it, it is stored.
      this.#times.delete(name);
      this.#ring(name);
    }
    this.#next = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    let next = Number.POSITIVE_INFINITY;
    for (const at of this.#times.values()) next = Math.min(next, at);
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }

  #arm(at: number): void {
    this.#next = at;
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    const wait = Math.min(Math.max(at - this.#now(), 0), MOST_TIMER_MS);
    this.#timer = setTimeout(() => this.#look(), wait);
    // The server's sockets keep the process alive, not what it may have to do one day.
    this.#timer.unref();
  }
}
