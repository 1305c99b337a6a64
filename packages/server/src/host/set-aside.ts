import type { SqlPort } from "../storage/sql-port.ts";

const TABLES = ["meta", "journal", "parts", "clients"];

/**
 * Puts a history that cannot be used out of the way, whole: its tables get other names, under which
 * a person or a tool finds them. The next write begins a new history.
 *
 * @param time milliseconds since 1970: names the tables
 */
export function setAside(sql: SqlPort, time: number): void {
  sql.transaction(() => {
    for (const table of TABLES) {
      if (!exists(sql, `holdfast_${table}`)) continue;
      sql.run(`ALTER TABLE holdfast_${table} RENAME TO ${freeName(sql, table, Math.floor(time))}`);
    }
  });
}

function freeName(sql: SqlPort, table: string, time: number): string {
  for (let next = time; ; next++) {
    const name = `holdfast_aside_${next}_${table}`;
    if (!exists(sql, name)) return name;
  }
}

function exists(sql: SqlPort, name: string): boolean {
  return sql.run("SELECT 1 FROM sqlite_master WHERE name = ?", name).length > 0;
}
