import type { SqlPort } from "./sql-port.ts";

/** The number of the storage format: which tables there are and what their rows look like. */
export const STORAGE_FORMAT = 1;

/*
 * Rows of journal and parts stand in slots that are used again: a deleted row is billed like a
 * written one, one written over costs one. Small columns come first, so that reading them does not
 * read the large ones.
 *
 *   meta     one row: whose history this is, and which checkpoint counts
 *   journal  one row per durable write (more only above the row limit)
 *   parts    the state as of the checkpoint, cut into pieces
 *   clients  answers whose journal row is gone
 */
const TABLES = [
  `CREATE TABLE holdfast_meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    format INTEGER NOT NULL, codec INTEGER NOT NULL,
    module TEXT NOT NULL, key TEXT NOT NULL, schema INTEGER NOT NULL, epoch TEXT NOT NULL,
    version INTEGER NOT NULL, mark TEXT NOT NULL, round INTEGER NOT NULL, root INTEGER NOT NULL,
    folded INTEGER NOT NULL, failure TEXT)`,
  `CREATE TABLE holdfast_journal (
    slot INTEGER PRIMARY KEY, head TEXT NOT NULL, commits TEXT, answers TEXT)`,
  `CREATE TABLE holdfast_parts (slot INTEGER PRIMARY KEY, head TEXT NOT NULL, body TEXT)`,
  `CREATE TABLE holdfast_clients (
    principal TEXT NOT NULL, client TEXT NOT NULL, part INTEGER NOT NULL,
    time INTEGER NOT NULL, head TEXT NOT NULL, answers TEXT,
    PRIMARY KEY (principal, client, part)) WITHOUT ROWID`,
];

/** Whether the database holds a history, of whatever format. Writes nothing. */
export function hasTables(sql: SqlPort): boolean {
  return sql.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_meta'").length > 0;
}

/** Creates the tables of the current format; part of the transaction of the first write. */
export function createTables(sql: SqlPort): void {
  for (const table of TABLES) sql.run(table);
}
