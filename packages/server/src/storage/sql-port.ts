/** What a column can hold. Blobs are never written by Holdfast, but users' tables may have them. */
export type SqlValue = string | number | null | Uint8Array | ArrayBuffer;

export type SqlRow = Record<string, SqlValue>;

/**
 * The SQLite database of one instance: Durable Object storage and `node:sqlite` stand behind it.
 * Everything is synchronous. A statement by itself is atomic.
 */
export interface SqlPort {
  /** Runs one statement to its end; its rows, if it has any. Prepared statements are kept by text. */
  run(sql: string, ...bindings: (string | number | null | Uint8Array)[]): SqlRow[];
  /** All or nothing: what `work` wrote is undone when it throws. One inside another is undone alone. */
  transaction<T>(work: () => T): T;
  /**
   * The same for work that awaits, where the platform has it. Nothing else is served meanwhile, so
   * nothing of others is undone with it.
   */
  transactionAsync?<T>(work: () => Promise<T>): Promise<T>;
}
