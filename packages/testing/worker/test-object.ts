import { DurableObject } from "cloudflare:workers";

/**
 * A Durable Object with SQLite and nothing else: tests reach its storage by `runInDurableObject`.
 *
 * ```ts
 * const stub = exports.TestObject.getByName(crypto.randomUUID());
 * await runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT 1"));
 * ```
 */
export class TestObject extends DurableObject {}
