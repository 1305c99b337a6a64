import { HoldfastError } from "@holdfast/protocol";
import type { Sql, SqlIdentifier, SqlValue } from "../module/sql.ts";
import type { SqlPort, SqlRow } from "../storage/sql-port.ts";

/** The database as actions see it. `onWrite` is called before each statement that may write to it. */
export function createSql(port: SqlPort, onWrite: () => void): Sql {
  const run = (statement: TemplateStringsArray, ...values: readonly unknown[]): SqlRow[] => {
    assertTemplate(statement);
    let text = "";
    const bindings: unknown[] = [];
    for (const [index, part] of statement.entries()) {
      text += part;
      if (index === values.length) break;
      const value = values[index];
      if (value instanceof Identifier) text += `"${value.identifier}"`;
      else {
        text += "?";
        bindings.push(value);
      }
    }
    return runStatement(port, text, bindings, onWrite);
  };
  // True because rows are what the author says they are: SQLite does not know his types.
  return Object.assign(run, { identifier: (name: string) => new Identifier(name) }) as Sql;
}

/**
 * Runs a statement that an author wrote.
 *
 * @throws HoldfastError `SQL_INVALID`; SQLite's own errors as they are
 */
export function runStatement(
  port: SqlPort,
  text: string,
  values: readonly unknown[],
  onWrite: () => void,
): SqlRow[] {
  const bindings = values.map(checkedValue);
  checkStatement(text);
  if (!READ.test(text)) onWrite();
  return port.run(text, ...bindings).map(withBytes);
}

class Identifier implements SqlIdentifier {
  readonly identifier: string;

  constructor(name: string) {
    if (typeof name !== "string" || !/^[A-Za-z_]\w{0,127}$/.test(name) || RESERVED.test(name)) {
      refuse(
        `${JSON.stringify(name)} cannot be the name of a table or column`,
        "Names have letters, digits and _, and those that begin with holdfast_, sqlite_ or _cf_ are taken.",
      );
    }
    this.identifier = name;
  }
}

/** Whoever calls it with a text has pasted values into it, or is about to. */
function assertTemplate(statement: unknown): void {
  if (Array.isArray(statement) && "raw" in statement) return;
  refuse(
    "sql was called as a function",
    "Write it before a template, sql`SELECT * FROM log WHERE id = ${id}`: values are bound then.",
  );
}

const RESERVED = /\b(holdfast_|sqlite_|_cf_)/i;
/** What cannot write, however it goes on. */
const READ = /^\s*(select|values|explain)\b/i;
/** What would end or escape the transaction of the action, or leave the database. */
const FORBIDDEN =
  /^(begin|commit|end|rollback|savepoint|release|attach|detach|vacuum|pragma|reindex)\b/i;

function checkStatement(text: string): void {
  const code = withoutTexts(text);
  if (code.replace(/;\s*$/, "").includes(";")) {
    refuse("A statement holds another one", "Run them one by one.");
  }
  if (FORBIDDEN.test(code.trimStart())) {
    refuse(
      `${code.trim().split(/\W/, 1)[0]?.toUpperCase()} is not for actions`,
      "An action is a transaction already, on a database that is set up for it.",
    );
  }
  if (RESERVED.test(text)) {
    refuse(
      "The statement speaks of tables that are not the app's",
      "Names that begin with holdfast_, sqlite_ or _cf_ are taken.",
    );
  }
}

/** The statement with its strings, quoted names and comments blanked: what is left is SQL. */
function withoutTexts(text: string): string {
  return text.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?\*\//g,
    " ",
  );
}

function checkedValue(value: unknown): SqlValue {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "boolean":
      return value ? 1 : 0;
    default:
      if (value === null || value instanceof Uint8Array) return value;
  }
  return refuse(
    `A value of the type ${value === null ? "null" : (value?.constructor?.name ?? typeof value)} cannot be bound`,
    "Bind texts, finite numbers, booleans, null and Uint8Array; store a Date as its getTime(), other values as JSON.",
  );
}

/** Platforms give blobs as one or the other. */
function withBytes(row: SqlRow): SqlRow {
  for (const [column, value] of Object.entries(row)) {
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
  }
  return row;
}

function refuse(problem: string, advice: string): never {
  throw new HoldfastError("SQL_INVALID", `${problem}. ${advice}`);
}
