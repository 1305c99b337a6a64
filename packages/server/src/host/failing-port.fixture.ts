import type { SqlPort } from "../storage/sql-port.ts";

/** A port whose next `times` writes fail. */
export function failingPort(port: SqlPort): { port: SqlPort; fail(times: number): void } {
  let left = 0;
  return {
    fail: (times) => void (left = times),
    port: {
      run: (sql, ...bindings) => {
        if (left > 0 && !/^\s*select/i.test(sql)) {
          left--;
          throw new Error("disk full");
        }
        return port.run(sql, ...bindings);
      },
      transaction: (work) => port.transaction(work),
    },
  };
}
