/** What a column can hold, and what can be bound. A blob comes as its bytes. */
export type SqlValue = string | number | null | Uint8Array;

/** The name of a table or column, checked: the one thing that a statement cannot bind. */
export interface SqlIdentifier {
  readonly identifier: string;
}

/**
 * The instance's own SQLite database, for what does not belong into the state: logs, indices, what is
 * larger than memory. Values are bound, never pasted in, so they cannot become part of the statement.
 *
 * In a synchronous action, what it writes is kept or undone together with the action's changes of the
 * state. In an asynchronous one it takes effect at once.
 *
 * @throws HoldfastError `SQL_INVALID` for a statement or value that cannot be taken; SQLite's own
 * errors as they are
 *
 * @example
 * sql`CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, text TEXT)`;
 * sql`INSERT INTO events (text) VALUES (${text})`;
 * const latest = sql<{ id: number; text: string }>`SELECT * FROM events ORDER BY id DESC LIMIT ${20}`;
 */
export interface Sql {
  /** Runs one statement to its end, and gives its rows. */
  <Row extends object = Record<string, SqlValue>>(
    statement: TemplateStringsArray,
    ...values: readonly (SqlValue | boolean | SqlIdentifier)[]
  ): Row[];
  /**
   * A table or column whose name is not known beforehand: letters, digits and `_`.
   *
   * @throws HoldfastError `SQL_INVALID` for any other name, and for those that begin with `holdfast_`
   *
   * @example
   * sql`SELECT * FROM events ORDER BY ${sql.identifier(column)}`
   */
  identifier(name: string): SqlIdentifier;
}
