import type { SqlPort } from "../../storage/sql-port.ts";

/** Is told of every use of a database; what it throws is thrown where that was used. */
export interface SqlWatch {
  /** Of everything, a read included, before it happens. */
  readonly onUse?: () => void;
  /** Of a write, before it happens. */
  readonly beforeWrite?: (what: string) => void;
  /** Of a write that is durable by itself, or of the transaction around it, when it is. */
  readonly afterWrite?: (what: string) => void;
}

/** The same database, with somebody who watches, and may let nothing happen any more. */
export function watchedSql(sql: SqlPort, watch: SqlWatch): SqlPort {
  let depth = 0;
  return {
    run: (text, ...bindings) => {
      watch.onUse?.();
      if (/^\s*SELECT/i.test(text)) return sql.run(text, ...bindings);
      const what = text.trim().slice(0, 40).replaceAll(/\s+/g, " ");
      watch.beforeWrite?.(what);
      const rows = sql.run(text, ...bindings);
      if (depth === 0) watch.afterWrite?.(what);
      return rows;
    },
    transaction: (work) => {
      watch.onUse?.();
      depth++;
      let result;
      try {
        result = sql.transaction(work);
      } finally {
        depth--;
      }
      if (depth === 0) watch.afterWrite?.("a transaction");
      return result;
    },
  };
}
