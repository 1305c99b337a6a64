import type { ValueObject } from "@holdfast/protocol";
import type { JournalMeta } from "../storage/journal-entry.ts";
import { type HistoryOptions, openJournal } from "./restore.ts";

const TABLES = ["meta", "journal", "parts", "clients", "alarms"];

/**
 * Deletes the history of an instance, schedules included, and begins another one: with a state, or,
 * without, as if there had never been any. All or nothing. What actions keep in tables of their own
 * stays.
 *
 * @throws HoldfastError `STORAGE_FAILED`
 */
export function beginAnew(
  { sql, platform, limits }: Pick<HistoryOptions, "sql" | "platform" | "limits">,
  meta: JournalMeta,
  state: ValueObject | undefined,
): void {
  sql.transaction(() => {
    for (const table of TABLES) sql.run(`DROP TABLE IF EXISTS holdfast_${table}`);
    if (!state) return;
    const journal = openJournal({ sql, platform, limits });
    journal.write({ meta, mark: "", commits: [], finished: [], state: () => state });
  });
  platform.setAlarm(undefined);
}
