import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { SqlPort, SqlRow } from "../storage/sql-port.ts";

/** How long a statement waits for another process that reads the same file (a backup, an inspector). */
const BUSY_TIMEOUT_MS = 5_000;

/** A port that has a file to close. */
export interface NodeSqlite extends SqlPort, Disposable {
  close(): void;
}

/**
 * A database in a file, or in memory (`":memory:"`). A statement or transaction that returned is on
 * disk.
 */
export function openNodeSqlite(path: string, options: NodeSqliteOptions = {}): NodeSqlite {
  return new Port(openDatabase(path, options));
}

export interface NodeSqliteOptions {
  /** Nobody else opens the file until it is closed, or the process is gone; where somebody has it, opening throws at once. */
  readonly exclusive?: boolean;
}

/** A commit that returned is on disk: the write-ahead log is synced with every one. */
export function openDatabase(path: string, { exclusive }: NodeSqliteOptions = {}): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    if (exclusive) database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec(`PRAGMA busy_timeout = ${exclusive ? 0 : BUSY_TIMEOUT_MS}`);
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    // The lock is taken by the first transaction that writes, and then kept.
    if (exclusive) database.exec("BEGIN EXCLUSIVE; COMMIT");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class Port implements NodeSqlite {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  run(sql: string, ...bindings: (string | number | null | Uint8Array)[]): SqlRow[] {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    // True because integers beyond 2^53 throw instead of becoming bigint, unless asked for.
    return statement.all(...bindings) as SqlRow[];
  }

  transaction<T>(work: () => T): T {
    const name = `holdfast_${this.#depth}`;
    const outermost = this.#depth === 0;
    this.#database.exec(outermost ? "BEGIN IMMEDIATE" : `SAVEPOINT ${name}`);
    this.#depth++;
    try {
      const result = work();
      // A commit can fail, too (a full disk); then everything is still to be undone.
      this.#database.exec(outermost ? "COMMIT" : `RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#undo(outermost, name);
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #undo(outermost: boolean, name: string): void {
    // After some errors SQLite has ended the transaction by itself.
    if (!this.#database.isTransaction) return;
    this.#database.exec(outermost ? "ROLLBACK" : `ROLLBACK TO ${name}; RELEASE ${name}`);
  }
}
