import type { SqlPort } from "../../storage/sql-port.ts";

/** What of an instance's history the store has, as far as that is known here. */
export interface SavedRow {
  readonly epoch: string;
  readonly version: number;
}

/** `undefined`: nothing was ever saved. */
export function readSaved(sql: SqlPort): SavedRow | undefined {
  if (sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_saved'").length === 0) {
    return undefined;
  }
  const [row] = sql.run("SELECT epoch, version FROM holdfast_saved WHERE id = 1");
  return row && { epoch: String(row["epoch"]), version: Number(row["version"]) };
}

export function writeSaved(sql: SqlPort, { epoch, version }: SavedRow): void {
  sql.run(
    `CREATE TABLE IF NOT EXISTS holdfast_saved (
      id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, version INTEGER NOT NULL)`,
  );
  sql.run(
    `INSERT INTO holdfast_saved (id, epoch, version) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version`,
    epoch,
    version,
  );
}
