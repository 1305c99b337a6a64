import type { Damage } from "./damage.ts";
import type { SqlPort } from "./sql-port.ts";

/*
 * Created when it is first needed. `head` holds the row's small columns as SQL literals, whatever
 * type they had; the texts stand as they were found.
 */
const TABLE = `CREATE TABLE IF NOT EXISTS holdfast_quarantine (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, slot INTEGER NOT NULL, problem TEXT NOT NULL,
  time INTEGER NOT NULL, head TEXT, body TEXT, answers TEXT)`;

const BODIES = {
  holdfast_journal: "commits, answers",
  holdfast_parts: "body, NULL",
} as const;

/**
 * Moves damaged rows out of the way of whatever is written next, and notes in the meta row that the
 * history cannot be restored: without the note, the next wake would take what is left for all.
 */
export function quarantine(sql: SqlPort, damage: Damage, time: number): void {
  const { table, slots, message } = damage;
  sql.transaction(() => {
    sql.run(TABLE);
    for (const slot of slots) {
      sql.run(
        `INSERT INTO holdfast_quarantine (source, slot, problem, time, head, body, answers)
          SELECT ?, slot, ?, ?, quote(head), ${BODIES[table]} FROM ${table} WHERE slot = ?`,
        table,
        message,
        time,
        slot,
      );
      sql.run(`DELETE FROM ${table} WHERE slot = ?`, slot);
    }
    sql.run("UPDATE holdfast_meta SET failure = ? WHERE id = 1", message);
  });
}
