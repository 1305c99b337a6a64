import type { SqlPort, SqlValue } from "../../storage/sql-port.ts";

/** A line of a file of rows: a table, or one of its rows. */
type Line =
  | { readonly table: string; readonly sql: string }
  | { readonly table: string; readonly row: readonly SqlValue[] };

/** A database as text that people can read and compare: a line for each table and each row. */
export function toRows(sql: SqlPort): string {
  const lines: string[] = [];
  for (const { name, sql: create } of sql.run(TABLES)) {
    const table = String(name);
    lines.push(line({ table, sql: String(create).replaceAll(/\s+/g, " ") }));
    const rows = sql.run(`SELECT * FROM "${table}"`).map((row) => Object.values(row));
    for (const row of rows) lines.push(line({ table, row }));
  }
  return lines.join("");
}

/** Puts them into a database that is empty. */
export function fromRows(sql: SqlPort, text: string): void {
  for (const written of text.split("\n").filter((one) => one !== "")) {
    // True because `toRows` has written it.
    const read = JSON.parse(written) as Line;
    if ("sql" in read) sql.run(read.sql);
    else {
      // Texts and numbers: nothing that Holdfast stores is a blob.
      const row = read.row as (string | number | null)[];
      sql.run(`INSERT INTO "${read.table}" VALUES (${row.map(() => "?").join(", ")})`, ...row);
    }
  }
}

/**
 * What the rows look like, whatever they hold: the tables, and the shape of each column that is JSON,
 * every shape once. Two databases of one format have the same.
 */
export function shapeOf(text: string): string[] {
  const shapes = new Set<string>();
  for (const written of text.split("\n").filter((one) => one !== "")) {
    const read = JSON.parse(written) as Line;
    if ("sql" in read) shapes.add(read.sql);
    else shapes.add(`${read.table}: ${read.row.map(cellShape).join(", ")}`);
  }
  return [...shapes].toSorted();
}

const TABLES = `SELECT name, sql FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`;

function line(value: Line): string {
  return `${JSON.stringify(value)}\n`;
}

function cellShape(cell: SqlValue): string {
  if (typeof cell !== "string") return cell === null ? "null" : typeof cell;
  try {
    return `json ${shape(JSON.parse(cell))}`;
  } catch {
    return "text";
  }
}

function shape(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shape).join(",")}]`;
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const fields = Object.entries(value).map(([name, field]) => `${name}:${shape(field)}`);
  return `{${fields.join(",")}}`;
}
