import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import type { TestDatabase } from "../storage/database.fixture.ts";
import { durableObjectPort } from "./sql-port.ts";

/** The SQLite storage of a Durable Object of its own, in workerd. */
export async function openDurableDatabase(): Promise<TestDatabase> {
  const stub = exports.TestObject.getByName(crypto.randomUUID());
  return {
    // `async` turns what a test throws into a rejection before it reaches the object's handler.
    use: (work) =>
      runInDurableObject(stub, async (_, state) => work(durableObjectPort(state.storage))),
    restart: () => evictDurableObject(stub),
  };
}
