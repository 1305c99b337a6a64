import type { SqlPort } from "./sql-port.ts";

/** A port that fails when it is told to: at one of the next statements, or when it should commit. */
export interface FaultyPort extends SqlPort {
  /** The statement that fails, counted from now: 1 is the next. 0: none. */
  failAt: number;
  /** The next outermost transaction fails after all its statements. */
  failCommit: boolean;
  /** How often it has failed. */
  failures: number;
}

export const FAULT: Error = new Error("database or disk is full");

export function faulty(sql: SqlPort): FaultyPort {
  let depth = 0;
  const port: FaultyPort = {
    failAt: 0,
    failCommit: false,
    failures: 0,
    run(text, ...bindings) {
      if (port.failAt > 0 && --port.failAt === 0) {
        port.failures++;
        throw FAULT;
      }
      return sql.run(text, ...bindings);
    },
    transaction(work) {
      return sql.transaction(() => {
        depth++;
        try {
          const result = work();
          if (depth > 1 || !port.failCommit) return result;
          port.failCommit = false;
          port.failures++;
          throw FAULT;
        } finally {
          depth--;
        }
      });
    },
  };
  return port;
}
