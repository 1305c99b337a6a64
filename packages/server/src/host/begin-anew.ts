import type { ValueObject } from "@holdfast/protocol";
import type { JournalMeta } from "../storage/journal-entry.ts";
import type { Alarms } from "./alarms.ts";
import { EPHEMERAL } from "./ephemeral.ts";
import { type HistoryOptions, openJournal } from "./restore.ts";
import { SCHEDULE } from "./schedule.ts";

const TABLES = ["meta", "journal", "parts", "clients", "streams"];

/**
 * Deletes the history of an instance, schedules included, and begins another one: with a state, or,
 * without, as if there had never been any. All or nothing. What actions keep in tables of their own
 * stays, and so do the alarms of sessions that move or run out.
 *
 * @throws HoldfastError `STORAGE_FAILED`
 */
export function beginAnew(
  {
    sql,
    platform,
    limits,
    alarms,
  }: Pick<HistoryOptions, "sql" | "platform" | "limits"> & { readonly alarms: Alarms },
  meta: JournalMeta,
  state: ValueObject | undefined,
): void {
  sql.transaction(() => {
    for (const table of TABLES) sql.run(`DROP TABLE IF EXISTS holdfast_${table}`);
    for (const kind of [SCHEDULE, EPHEMERAL]) {
      for (const { id } of alarms.list(kind)) alarms.remove(id);
    }
    if (!state) return;
    const journal = openJournal({ sql, platform, limits });
    journal.write({ meta, mark: "", commits: [], finished: [], state: () => state });
  });
}
