import {
  decodeValue,
  encodeValue,
  exceedsBytes,
  HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type {
  DirectStorage,
  ListOptions,
  SqlRows,
  StorageOperations,
} from "../module/direct-storage.ts";
import { keyProblem } from "../module/key-strategy.ts";
import { unwrap } from "../state/unwrap.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { runStatement } from "./sql.ts";

/** What direct storage works with. */
export interface DirectStorageParts {
  readonly sql: SqlPort;
  readonly limits: Limits;
  /** Whose storage it is: the name of a handler, and its kind. */
  readonly action: { readonly name: string; readonly async: boolean };
  /** Called before each write. */
  readonly onWrite: () => void;
}

const CREATE = `CREATE TABLE IF NOT EXISTS holdfast_storage (
  key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`;

/** Entries in a table of their own, beside the author's tables; see `DirectStorage`. */
export class TableStorage implements DirectStorage {
  readonly sql: DirectStorage["sql"];
  readonly #parts: DirectStorageParts;
  #underWay: Promise<unknown> | undefined;

  constructor(parts: DirectStorageParts) {
    this.#parts = parts;
    this.sql = {
      exec: <Row extends object>(statement: string, ...values: readonly unknown[]) =>
        // True because rows are what the author says they are.
        new Rows(runStatement(parts.sql, statement, values, parts.onWrite) as Row[]),
    };
  }

  /** The asynchronous transaction that is open; `undefined`: none. */
  get underWay(): Promise<unknown> | undefined {
    return this.#underWay;
  }

  get<Value = unknown>(key: string): Value | undefined;
  get<Value = unknown>(keys: readonly string[]): Map<string, Value>;
  get(keys: string | readonly string[]): unknown {
    if (typeof keys === "string") return this.#read(keys);
    const found = new Map<string, unknown>();
    if (!this.#exists()) return found;
    for (const key of keys) {
      const [row] = this.#run("SELECT value FROM holdfast_storage WHERE key = ?", key);
      if (row) found.set(key, decodeValue(String(row["value"])));
    }
    return found;
  }

  put(key: string, value: unknown): void;
  put(entries: Readonly<Record<string, unknown>>): void;
  put(entries: string | Readonly<Record<string, unknown>>, value?: unknown): void {
    const pairs: [string, unknown][] =
      typeof entries === "string" ? [[entries, value]] : Object.entries(entries);
    // All of them are looked at before the first is written.
    const rows = pairs.map(([key, one]) => [
      checkedKey(key, this.#parts.limits),
      this.#encode(key, one),
    ]);
    this.#parts.onWrite();
    this.#run(CREATE);
    for (const row of rows)
      this.#run("INSERT OR REPLACE INTO holdfast_storage VALUES (?, ?)", ...row);
  }

  delete(key: string): boolean;
  delete(keys: readonly string[]): number;
  delete(keys: string | readonly string[]): boolean | number {
    let count = 0;
    if (this.#exists()) {
      this.#parts.onWrite();
      for (const key of typeof keys === "string" ? [keys] : keys) {
        count += this.#run("DELETE FROM holdfast_storage WHERE key = ? RETURNING 1", key).length;
      }
    }
    return typeof keys === "string" ? count > 0 : count;
  }

  list<Value = unknown>(options: ListOptions = {}): Map<string, Value> {
    const { prefix = "", limit, reverse = false, startAfter } = options;
    if (!this.#exists()) return new Map();
    const conditions: [string, string][] = [];
    if (prefix !== "") conditions.push(["key >= ?", prefix]);
    const end = behindAll(prefix);
    if (end !== undefined) conditions.push(["key < ?", end]);
    if (startAfter !== undefined) conditions.push([reverse ? "key < ?" : "key > ?", startAfter]);
    const where = conditions.map(([condition]) => condition).join(" AND ");
    const rows = this.#run(
      `SELECT key, value FROM holdfast_storage ${where && `WHERE ${where}`}
       ORDER BY key ${reverse ? "DESC" : "ASC"} LIMIT ?`,
      ...conditions.map(([, value]) => value),
      limit ?? -1,
    );
    return new Map(
      // The author says what they are.
      rows.map(({ key, value }) => [String(key), decodeValue(String(value)) as Value]),
    );
  }

  transaction<Result>(work: (storage: StorageOperations) => Result): Result {
    const { sql, action, onWrite } = this.#parts;
    if (this.#underWay) {
      throw new HoldfastError(
        "DEFINITION_INVALID",
        `"${action.name}" begins a transaction of its storage while another one is open. Await the first one.`,
      );
    }
    onWrite();
    if (!action.async) {
      return sql.transaction(() => {
        const result = work(this);
        if (!(result instanceof Promise)) return result;
        result.catch(() => {});
        throw new HoldfastError(
          "DEFINITION_INVALID",
          `"${action.name}" is synchronous, and what it gave to storage.transaction() is not. Make the handler an async function.`,
        );
      });
    }
    if (!sql.transactionAsync) {
      throw new HoldfastError(
        "DEFINITION_INVALID",
        "This platform has no asynchronous transactions of storage. Use it in a synchronous handler.",
      );
    }
    const underWay = sql
      .transactionAsync(async () => work(this))
      .finally(() => void (this.#underWay = undefined));
    // Whoever began it is told; that it is over is what others wait for.
    this.#underWay = underWay.catch(() => {});
    // True because the handler is asynchronous, and awaits what its work gives.
    return underWay as Result;
  }

  #read(key: string): unknown {
    if (!this.#exists()) return undefined;
    const [row] = this.#run("SELECT value FROM holdfast_storage WHERE key = ?", key);
    return row && decodeValue(String(row["value"]));
  }

  #encode(key: string, value: unknown): string {
    const text = encodeValue(unwrap(value), [key]);
    const { valueBytes } = this.#parts.limits;
    if (!exceedsBytes(text, valueBytes)) return text;
    throw new HoldfastError(
      "VALUE_TOO_LARGE",
      `What is stored under "${key}" is larger than ${valueBytes} bytes. Cut it into several entries.`,
    );
  }

  #exists(): boolean {
    return this.#run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_storage'").length > 0;
  }

  #run(statement: string, ...values: readonly (string | number)[]): ReturnType<SqlPort["run"]> {
    return this.#parts.sql.run(statement, ...values);
  }
}

class Rows<Row extends object> implements SqlRows<Row> {
  readonly #rows: Row[];

  constructor(rows: Row[]) {
    this.#rows = rows;
  }

  toArray(): Row[] {
    return this.#rows;
  }

  one(): Row {
    const [row] = this.#rows;
    if (row && this.#rows.length === 1) return row;
    throw new HoldfastError(
      "SQL_INVALID",
      `The statement gave ${this.#rows.length} rows, and exactly one was asked for. Use toArray(), or narrow it down.`,
    );
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.#rows.values();
  }
}

function checkedKey(key: string, limits: Limits): string {
  const problem = key === "" ? "The key of an entry is empty." : keyProblem(key, limits);
  if (problem !== undefined) throw new HoldfastError("KEY_INVALID", problem);
  return key;
}

/** The least text behind all that begin with `prefix`; `undefined`: there is none. Texts sort by code point. */
function behindAll(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === 0x10ffff) continue;
    // Surrogates are no code points of their own.
    return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}
