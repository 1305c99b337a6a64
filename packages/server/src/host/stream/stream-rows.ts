import type { SqlPort } from "../../storage/sql-port.ts";

/**
 * The ids of streams that are under way: `holdfast_streams`. Written with the commit that begins a
 * stream; one that is still there when the instance comes into memory was cut short.
 */
export class StreamRows {
  readonly #sql: SqlPort;

  constructor(sql: SqlPort) {
    this.#sql = sql;
  }

  /** Asks for it each time: a transaction may have been rolled back that made the table. */
  add(id: string): void {
    this.#sql.run(
      "CREATE TABLE IF NOT EXISTS holdfast_streams (id TEXT PRIMARY KEY) WITHOUT ROWID",
    );
    this.#sql.run("INSERT OR IGNORE INTO holdfast_streams (id) VALUES (?)", id);
  }

  remove(id: string): void {
    if (this.#exist()) this.#sql.run("DELETE FROM holdfast_streams WHERE id = ?", id);
  }

  clear(): void {
    this.#sql.run("DELETE FROM holdfast_streams");
  }

  all(): ReadonlySet<string> {
    if (!this.#exist()) return NONE;
    // True because the column is text.
    return new Set(this.#sql.run("SELECT id FROM holdfast_streams").map(({ id }) => id as string));
  }

  #exist(): boolean {
    const query = "SELECT 1 FROM sqlite_master WHERE name = 'holdfast_streams'";
    return this.#sql.run(query).length > 0;
  }
}

const NONE: ReadonlySet<string> = new Set();
