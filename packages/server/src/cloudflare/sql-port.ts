import type { SqlPort } from "../storage/sql-port.ts";

/**
 * The SQLite storage of a Durable Object. What is written between two awaits becomes durable
 * together; the output gate holds back what is sent later until then.
 */
export function durableObjectPort(storage: DurableObjectStorage): SqlPort {
  const { sql } = storage;
  return {
    run: (text, ...bindings) => sql.exec(text, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
    transactionAsync: (work) => storage.transaction(work),
  };
}
