import type { SqlPort } from "./sql-port.ts";
import { restoreFailed } from "./storage-failure.ts";
import { STORAGE_FORMAT } from "./tables.ts";

/** Changes tables and rows of the format before into those of this one. */
export type FormatStep = (sql: SqlPort) => void;

/** The step to each format. Format 1 is the first: nothing leads to it. */
const FORMAT_STEPS: ReadonlyMap<number, FormatStep> = new Map();

/**
 * Brings storage of an older format up to date, step by step, in one transaction: the only thing
 * that an instance writes before its next commit.
 *
 * @throws HoldfastError `RESTORE_FAILED` where no steps lead on from its format
 */
export function migrateTables(
  sql: SqlPort,
  from: number,
  to: { readonly format: number; readonly steps: ReadonlyMap<number, FormatStep> } = {
    format: STORAGE_FORMAT,
    steps: FORMAT_STEPS,
  },
): void {
  sql.transaction(() => {
    for (let next = from + 1; next <= to.format; next++) {
      const step = to.steps.get(next);
      if (!step) throw restoreFailed(`nothing leads from storage format ${next - 1} to ${next}.`);
      step(sql);
    }
    sql.run("UPDATE holdfast_meta SET format = ? WHERE id = 1", to.format);
  });
}
