import type { SqlValue } from "./sql.ts";

/** Options of `list`. */
export interface ListOptions {
  /** Only keys that begin with it. */
  readonly prefix?: string;
  /** At most so many. */
  readonly limit?: number;
  /** `true`: the last key first. Keys are sorted by their UTF-8 bytes. */
  readonly reverse?: boolean;
  /**
   * Begins behind this key, in the order of the list: with `reverse` that is before it. The last key
   * of a page so leads to the next page, in either order.
   */
  readonly startAfter?: string;
}

/** What direct storage can do, inside and outside of a transaction of its own. */
export interface StorageOperations {
  /** What `put` stored, a copy each time; `undefined`: nothing. */
  get<Value = unknown>(key: string): Value | undefined;
  /** Those of the keys that there are. */
  get<Value = unknown>(keys: readonly string[]): Map<string, Value>;
  /** @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP`, `VALUE_TOO_LARGE` or `KEY_INVALID` */
  put(key: string, value: unknown): void;
  put(entries: Readonly<Record<string, unknown>>): void;
  /** @returns whether there was one */
  delete(key: string): boolean;
  /** @returns how many there were */
  delete(keys: readonly string[]): number;
  /** Entries in the order of their keys. */
  list<Value = unknown>(options?: ListOptions): Map<string, Value>;
}

/** The rows of a statement. */
export interface SqlRows<Row extends object> extends Iterable<Row> {
  toArray(): Row[];
  /** @throws HoldfastError `SQL_INVALID` unless there is exactly one */
  one(): Row;
}

/**
 * The storage of the instance's own object, beside the state: what no client is to have, or is more than
 * fits into memory. Every call takes effect, and gives its result, at once; `await` does no harm.
 *
 * In a synchronous handler, what it writes is kept or undone together with the changes of the state.
 * In an asynchronous one it is there at once, whatever becomes of the handler.
 */
export interface DirectStorage extends StorageOperations {
  /**
   * All that `work` writes, or nothing of it if it throws. An asynchronous `work` needs an asynchronous
   * handler, and blocks the whole object until it is over: nobody else is served meanwhile. `commit()`
   * inside throws.
   */
  transaction<Result>(work: (storage: StorageOperations) => Result): Result;
  readonly sql: {
    /**
     * Runs one statement, with values for its `?`. `ctx.sql` is the same as a template.
     *
     * @throws HoldfastError `SQL_INVALID`; SQLite's own errors as they are
     */
    exec<Row extends object = Record<string, SqlValue>>(
      statement: string,
      ...values: readonly (SqlValue | boolean)[]
    ): SqlRows<Row>;
  };
}
