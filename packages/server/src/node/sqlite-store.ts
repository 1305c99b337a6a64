import type { StateStore } from "../module/state-store.ts";
import { decodeState, encodeState } from "../stores/encode-state.ts";
import { type KeyOptions, resolver } from "../stores/store-key.ts";
import { openNodeSqlite } from "./node-sqlite-port.ts";

/** A store with a file to close. */
export interface SqliteStore<State extends object = object> extends StateStore<State>, Disposable {
  close(): void;
}

/**
 * Keeps states in one file of SQLite (`node:sqlite`): a row for each key, on disk when a save resolves.
 *
 * @param path `":memory:"` keeps nothing
 *
 * @example
 * app.defineState({ draft: "" }).persist(sqliteStore("states.sqlite"))
 */
export function sqliteStore<State extends object = object>(
  path: string,
  options: KeyOptions<State> = {},
): SqliteStore<State> {
  const database = openNodeSqlite(path);
  database.run(
    "CREATE TABLE IF NOT EXISTS holdfast_states (key TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
  );
  return {
    resolveKey: resolver(options),
    load: async (key) => {
      const [row] = database.run("SELECT state FROM holdfast_states WHERE key = ?", key);
      return row && decodeState(String(row["state"]));
    },
    save: async (key, state) => {
      database.run(
        `INSERT INTO holdfast_states (key, state) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET state = excluded.state`,
        key,
        encodeState(state),
      );
    },
    delete: async (key) => {
      database.run("DELETE FROM holdfast_states WHERE key = ?", key);
    },
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  };
}
