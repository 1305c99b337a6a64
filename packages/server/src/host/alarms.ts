import type { SqlPort, SqlRow } from "../storage/sql-port.ts";
import type { Platform } from "./platform.ts";

/** Something that is to happen at a time, kept in the instance's own database. */
export interface Alarm {
  /** One alarm per id: setting it again moves it. */
  readonly id: string;
  /** Who handles it: the name that `on` was called with. */
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the handler needs, encoded by whoever sets the alarm. */
  readonly body: string;
}

/**
 * Does what is due. When it throws or rejects, the alarm stays and rings again after a back-off.
 * It may ring again after a crash, too, with the same id: what it does has to bear that, as an action
 * does that is run under the id as its client's sequence.
 */
export type AlarmHandler = (alarm: Alarm) => void | Promise<void>;

/** What alarms need of the platform. */
export type AlarmPlatform = Pick<Platform, "now" | "setAlarm" | "report">;

const RETRY_MS = 1_000;
const MOST_RETRY_MS = 300_000;
/** What is under way is looked at again so much later: the object may have ended over it. */
const GUARD_MS = 60_000;

const CREATE = `CREATE TABLE IF NOT EXISTS holdfast_alarms (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, tries INTEGER NOT NULL,
  body TEXT NOT NULL) WITHOUT ROWID`;

/**
 * Any number of alarms on the one that a platform gives an object. They are rows: an alarm that is
 * set inside a transaction comes and goes with it. The table is made by the first alarm, so that an
 * instance without any stores nothing.
 */
export class Alarms {
  readonly #sql: SqlPort;
  readonly #platform: AlarmPlatform;
  readonly #handlers = new Map<string, AlarmHandler>();
  readonly #watched: { readonly next: () => number | undefined; readonly ring: () => void }[] = [];
  readonly #handling = new Set<string>();

  constructor(sql: SqlPort, platform: AlarmPlatform) {
    this.#sql = sql;
    this.#platform = platform;
  }

  /** Says who handles the alarms of a kind; before anything can ring. */
  on(kind: string, handler: AlarmHandler): void {
    this.#handlers.set(kind, handler);
  }

  /**
   * Times that need no row, since they can be told from what is at hand after a restart as well.
   *
   * @param next the earliest, `undefined` without any; `changed()` says that it has moved
   * @param ring something may be due
   */
  watch(next: () => number | undefined, ring: () => void): void {
    this.#watched.push({ next, ring });
  }

  /** A watched time is earlier than those before. */
  changed(): void {
    this.#rearm();
  }

  /** Sets an alarm, or moves the one of this id. */
  set({ id, kind, at, body }: Alarm): void {
    this.#sql.run(CREATE);
    this.#moving(() => {
      this.#sql.run(
        `INSERT INTO holdfast_alarms (id, kind, at, tries, body) VALUES (?, ?, ?, 0, ?)
         ON CONFLICT (id) DO UPDATE
           SET kind = excluded.kind, at = excluded.at, tries = 0, body = excluded.body`,
        id,
        kind,
        Math.ceil(at),
        body,
      );
    });
  }

  get(id: string): Alarm | undefined {
    const [row] = this.#select("WHERE id = ?", id);
    return row && toAlarm(row);
  }

  /** The alarms of a kind, the next one first. */
  list(kind: string): Alarm[] {
    return this.#select("WHERE kind = ? ORDER BY at, id", kind).map(toAlarm);
  }

  /** @returns false when there was none */
  remove(id: string): boolean {
    if (!this.get(id)) return false;
    this.#moving(() => this.#sql.run("DELETE FROM holdfast_alarms WHERE id = ?", id));
    return true;
  }

  /** Tells a platform that forgets its alarms at a restart when to ring. */
  arm(): void {
    const next = this.#next();
    if (next !== undefined) this.#platform.setAlarm(next);
  }

  /**
   * The platform's alarm: begins what is due, in order, and resolves when all of it is over. What is
   * slow holds up nothing else.
   */
  async ring(): Promise<void> {
    const now = Math.floor(this.#platform.now());
    const due = this.#select("WHERE at <= ? ORDER BY at, id", now)
      .map((row) => ({ alarm: toAlarm(row), tries: Number(row["tries"]) }))
      .filter(({ alarm }) => !this.#handling.has(alarm.id));
    for (const { alarm } of due) this.#handling.add(alarm.id);
    for (const { ring } of this.#watched) ring();
    const handled = Promise.all(due.map(({ alarm, tries }) => this.#handle(alarm, tries)));
    // Heard of below, unless what comes first fails as well.
    handled.catch(() => {});
    this.#rearm();
    await handled;
    this.#rearm();
  }

  async #handle(alarm: Alarm, tries: number): Promise<void> {
    const handler = this.#handlers.get(alarm.kind);
    try {
      // One that a later version of the code has set waits for that version.
      if (!handler) throw new Error(`Nobody handles alarms of the kind "${alarm.kind}".`);
      await handler(alarm);
      // The handler may have moved it, or set it anew.
      this.#sql.run("DELETE FROM holdfast_alarms WHERE id = ? AND at = ?", alarm.id, alarm.at);
    } catch (error) {
      this.#platform.report(error, `What was due ("${alarm.kind}") failed; it is tried again`);
      this.#sql.run(
        "UPDATE holdfast_alarms SET at = ?, tries = ? WHERE id = ? AND at = ?",
        Math.ceil(this.#platform.now() + retryAfter(tries)),
        tries + 1,
        alarm.id,
        alarm.at,
      );
    } finally {
      this.#handling.delete(alarm.id);
    }
  }

  /** For what comes next, and not too late for what is under way, should this be its last moment. */
  #rearm(): void {
    const waiting = this.#select("ORDER BY at").find(({ id }) => !this.#handling.has(String(id)));
    const next = waiting && Number(waiting["at"]);
    const guard = this.#handling.size > 0 ? this.#platform.now() + GUARD_MS : undefined;
    this.#platform.setAlarm(earliest([next, guard, this.#nextWatched()]));
  }

  /** Sets the platform's alarm if a change has moved what is next. */
  #moving(change: () => void): void {
    const before = this.#next();
    change();
    const after = this.#next();
    if (after !== before) this.#platform.setAlarm(after);
  }

  #next(): number | undefined {
    const [row] = this.#select("ORDER BY at LIMIT 1");
    return earliest([row && Number(row["at"]), this.#nextWatched()]);
  }

  #nextWatched(): number | undefined {
    return earliest(this.#watched.map(({ next }) => next()));
  }

  #select(where: string, ...bindings: (string | number)[]): SqlRow[] {
    if (!this.#exists()) return [];
    return this.#sql.run(`SELECT * FROM holdfast_alarms ${where}`, ...bindings);
  }

  #exists(): boolean {
    return this.#sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_alarms'").length > 0;
  }
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function toAlarm({ id, kind, at, body }: SqlRow): Alarm {
  return { id: String(id), kind: String(kind), at: Number(at), body: String(body) };
}

function retryAfter(tries: number): number {
  return Math.min(RETRY_MS * 2 ** Math.min(tries, 16), MOST_RETRY_MS);
}
