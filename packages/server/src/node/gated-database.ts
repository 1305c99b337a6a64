import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { SqlPort, SqlRow } from "../storage/sql-port.ts";
import { openDatabase } from "./node-sqlite-port.ts";

/** What a gated database needs of the process around it. */
export interface GatedDatabaseParts {
  /** The file; it comes into being with the first write. */
  readonly path: () => string;
  readonly exists: boolean;
  /** The alarm that is about to become durable with the rows; may throw, then they do not. */
  readonly beforeAlarm: (at: number | undefined) => void;
  /** The alarm that counts from now on. */
  readonly onAlarm: (at: number | undefined) => void;
  /** What was written since the last flush is gone, and so is what waited behind it. */
  readonly onBroken: (error: unknown) => void;
}

/** Something that happens behind what was written. */
interface Held {
  readonly happen: () => void;
  readonly lost: (() => void) | undefined;
}

/**
 * The database of one instance, in the way of a Durable Object's: what is written in one turn of the
 * event loop becomes durable together, by one sync of the disk, and what is to leave the process waits
 * for that. So frames that arrive together share a sync, and nothing is told that a crash could take back.
 *
 *   write … write ──turn ends──▶ alarm, commit ──▶ what was held back: sends, answers, alarm
 *                                     ╰── fails ──▶ broken: the rows and what was held are gone
 */
export class GatedDatabase implements SqlPort {
  readonly #parts: GatedDatabaseParts;
  #database: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();
  #isDirty = false;
  /** Of the transactions inside each other that run now, whether each has a savepoint. */
  readonly #levels: boolean[] = [];
  #held: Held[] = [];
  #flushing: NodeJS.Immediate | undefined;
  /** Set while `#isDirty`: the alarm as of these rows. */
  #alarm: { readonly at: number | undefined } | undefined;
  #ended: Error | undefined;

  constructor(parts: GatedDatabaseParts) {
    this.#parts = parts;
    if (parts.exists) this.#database = openDatabase(parts.path());
  }

  run(sql: string, ...bindings: (string | number | null | Uint8Array)[]): SqlRow[] {
    this.#assertAlive();
    if (!this.#database && READS.test(sql)) return select(blank(), blankStatements, sql, bindings);
    if (!READS.test(sql)) this.#write();
    try {
      return select(this.#open(), this.#statements, sql, bindings);
    } catch (error) {
      this.#checkWhole(error);
      throw error;
    }
  }

  transaction<T>(work: () => T): T {
    this.#assertAlive();
    const alarm = this.#alarm;
    const level = this.#levels.push(false) - 1;
    if (this.#isDirty) this.#save(level);
    try {
      const result = work();
      this.#assertAlive();
      if (this.#levels[level]) this.#open().exec(`RELEASE ${savepoint(level)}`);
      return result;
    } catch (error) {
      this.#checkWhole(error);
      if (this.#levels[level] && this.#isDirty) {
        this.#open().exec(`ROLLBACK TO ${savepoint(level)}; RELEASE ${savepoint(level)}`);
      }
      this.#alarm = alarm;
      throw error;
    } finally {
      this.#levels.length = level;
    }
  }

  /** Durable with the rows of this turn; at once where there are none. */
  setAlarm(at: number | undefined): void {
    if (this.#ended) return;
    if (this.#isDirty) {
      this.#alarm = { at };
      return;
    }
    this.#parts.beforeAlarm(at);
    this.#parts.onAlarm(at);
  }

  /** Has something happen when all that was written is durable: now, where it is. */
  behind(happen: () => void, lost?: () => void): void {
    if (this.#isDirty) this.#held.push({ happen, lost });
    else happen();
  }

  /** Resolves when all that was written is durable; `undefined`: it is. */
  durable(): Promise<void> | undefined {
    if (!this.#isDirty && !this.#ended) return undefined;
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      else this.behind(resolve, () => reject(this.#ended ?? new Error("The rows are gone.")));
    });
  }

  /** Makes durable what was written, and lets happen what waits for it. */
  flush(): void {
    clearImmediate(this.#flushing);
    if (!this.#isDirty || this.#ended) return;
    const alarm = this.#alarm;
    try {
      if (alarm) this.#parts.beforeAlarm(alarm.at);
      this.#open().exec("COMMIT");
    } catch (error) {
      this.#break(error);
      return;
    }
    this.#isDirty = false;
    this.#alarm = undefined;
    if (alarm) this.#parts.onAlarm(alarm.at);
    for (const { happen } of this.#held.splice(0)) happen();
  }

  /** Whether nothing is left of what there was: its file is of no use to anybody. */
  get isVacant(): boolean {
    if (!this.#database || this.#isDirty || this.#ended) return false;
    const tables = this.run(LEFT).map(({ name }) => name);
    if (tables.some((name) => name !== ALARMS)) return false;
    return tables.length === 0 || this.run(`SELECT 1 FROM ${ALARMS} LIMIT 1`).length === 0;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Ends it; what was not flushed is gone. */
  end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#isDirty = false;
    clearImmediate(this.#flushing);
    this.#statements.clear();
    if (this.#database?.isTransaction) this.#database.exec("ROLLBACK");
    this.#database?.close();
    for (const { lost } of this.#held.splice(0)) lost?.();
  }

  #assertAlive(): void {
    if (this.#ended) throw this.#ended;
  }

  #open(): DatabaseSync {
    return (this.#database ??= openDatabase(this.#parts.path()));
  }

  /** The first write of a turn begins what its end commits. */
  #write(): void {
    if (this.#isDirty) return;
    this.#open().exec("BEGIN IMMEDIATE");
    this.#isDirty = true;
    for (const level of this.#levels.keys()) this.#save(level);
    // Behind every frame that has arrived: they share the sync.
    this.#flushing = setImmediate(() => this.flush());
  }

  #save(level: number): void {
    this.#open().exec(`SAVEPOINT ${savepoint(level)}`);
    this.#levels[level] = true;
  }

  /** After some errors SQLite has ended the transaction by itself, rows of others included. */
  #checkWhole(error: unknown): void {
    if (this.#isDirty && !this.#ended && !this.#database?.isTransaction) this.#break(error);
  }

  #break(error: unknown): void {
    this.end(new Error("Storage failed, and the instance has ended.", { cause: error }));
    this.#parts.onBroken(error);
  }
}

const ALARMS = "holdfast_alarms";
const LEFT = `SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;

/** Anything else may write, and then merely begins a transaction. */
const READS = /^\s*SELECT\b/i;

let blankDatabase: DatabaseSync | undefined;
const blankStatements = new Map<string, StatementSync>();

/** What instances read that store nothing yet: one for all of them. */
function blank(): DatabaseSync {
  return (blankDatabase ??= new DatabaseSync(":memory:"));
}

function select(
  database: DatabaseSync,
  statements: Map<string, StatementSync>,
  sql: string,
  bindings: readonly (string | number | null | Uint8Array)[],
): SqlRow[] {
  let statement = statements.get(sql);
  if (!statement) statements.set(sql, (statement = database.prepare(sql)));
  // True because integers beyond 2^53 throw instead of becoming bigint, unless asked for.
  return statement.all(...bindings) as SqlRow[];
}

function savepoint(level: number): string {
  return `holdfast_${level}`;
}
