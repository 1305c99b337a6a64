import type { SqlPort } from "./sql-port.ts";

/** A database of its own for one test, on the platform that the suite runs on. */
export interface TestDatabase {
  /** Works in the database. Nothing may be kept for later: after `restart` it is another port. */
  use<T>(work: (sql: SqlPort) => T): Promise<T>;
  /** Drops everything in memory, as an eviction or a restart does. */
  restart(): Promise<void>;
}

export type OpenTestDatabase = () => Promise<TestDatabase>;
