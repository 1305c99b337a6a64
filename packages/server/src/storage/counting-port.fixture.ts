import type { SqlPort } from "./sql-port.ts";

/** A port that counts the statements that write: for Holdfast's, each is one row, where it writes at all. */
export interface CountingPort extends SqlPort {
  written: number;
}

export function counting(sql: SqlPort): CountingPort {
  return {
    written: 0,
    run(text, ...bindings) {
      if (/^\s*(INSERT|UPDATE|DELETE|CREATE)/.test(text)) this.written++;
      return sql.run(text, ...bindings);
    },
    transaction: (work) => sql.transaction(work),
  };
}
