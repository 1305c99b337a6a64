import type { SqlPort } from "../storage/sql-port.ts";

/** Ends a transaction whose work is undone; whoever has to know knows. */
const UNDO = new Error("undo");

/** Undoes what `work` wrote to the database when it gives `false`; says whether it is kept. */
export function keptIf(sql: SqlPort, work: () => boolean): boolean {
  let isKept = false;
  try {
    sql.transaction(() => {
      isKept = work();
      if (!isKept) throw UNDO;
    });
  } catch (error) {
    if (error !== UNDO) throw error;
  }
  return isKept;
}
