import type { SqlPort } from "../../storage/sql-port.ts";
import type { Move } from "./move.ts";

/** A session that leaves this instance, or has left it. */
export interface Departure {
  readonly move: Move;
  readonly isDone: boolean;
  /** When it was stored, or done. */
  readonly at: number;
}

/** The rows of an instance's departures, and what is asked of them for every frame, in memory. */
export class Departures {
  readonly #sql: SqlPort;
  readonly #byId = new Map<string, Departure>();

  /** Reads what is stored; nothing is, and no table, where nobody ever left. */
  constructor(sql: SqlPort) {
    this.#sql = sql;
    if (sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_moves'").length === 0) return;
    for (const { done, at, body } of sql.run("SELECT done, at, body FROM holdfast_moves")) {
      // Only `put` writes them; what JSON leaves out is undefined.
      const move = JSON.parse(String(body)) as Move;
      this.#byId.set(move.id, { move, isDone: done === 1, at: Number(at) });
    }
  }

  get pending(): Departure[] {
    return [...this.#byId.values()].filter(({ isDone }) => !isDone);
  }

  get(id: string): Departure | undefined {
    return this.#byId.get(id);
  }

  of(session: string): Departure[] {
    return [...this.#byId.values()].filter(({ move }) => move.session === session);
  }

  /** Durable when it returns; in memory once `kept` is called. */
  put({ move, isDone, at }: Departure): { kept: () => void } {
    this.#sql.run(
      `CREATE TABLE IF NOT EXISTS holdfast_moves (
        id TEXT PRIMARY KEY, done INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID`,
    );
    this.#sql.run(
      `INSERT INTO holdfast_moves (id, done, at, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET done = excluded.done, at = excluded.at, body = excluded.body`,
      move.id,
      isDone ? 1 : 0,
      Math.floor(at),
      JSON.stringify(move),
    );
    return { kept: () => void this.#byId.set(move.id, { move, isDone, at }) };
  }

  /** As `put`. */
  delete(id: string): { kept: () => void } {
    this.#sql.run("DELETE FROM holdfast_moves WHERE id = ?", id);
    return { kept: () => void this.#byId.delete(id) };
  }
}
