import type { SqlPort } from "../../storage/sql-port.ts";
import type { Move } from "./move.ts";

/** Where a session is, as its own instance alone knows. */
export interface PlaceRow {
  /** `null`: here. */
  readonly key: string | null;
  /** How often it has moved. */
  readonly generation: number;
  /** Under way. */
  readonly move: Move | undefined;
  /** The latest moves that were carried out, by the generation that they began. */
  readonly done: readonly { readonly id: string; readonly generation: number }[];
}

export const NEVER_MOVED: PlaceRow = { key: null, generation: 0, move: undefined, done: [] };

/** A session that has never moved has no row, and no table. */
export function readPlace(sql: SqlPort): PlaceRow | undefined {
  if (sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_place'").length === 0) {
    return undefined;
  }
  const [row] = sql.run("SELECT body FROM holdfast_place WHERE id = 1");
  // Only `writePlace` writes it; what JSON leaves out is undefined.
  return row ? (JSON.parse(String(row["body"])) as PlaceRow) : undefined;
}

export function writePlace(sql: SqlPort, place: PlaceRow): void {
  sql.run(
    "CREATE TABLE IF NOT EXISTS holdfast_place (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL)",
  );
  sql.run(
    "INSERT INTO holdfast_place (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    JSON.stringify(place),
  );
}
