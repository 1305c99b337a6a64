import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { rowsPerAction, stateOf } from "../storage/row-count.fixture.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { durableObjectPort } from "./sql-port.ts";

/** A port that adds up what the platform bills. */
function billed(storage: DurableObjectStorage): SqlPort & { rows: number } {
  const port = durableObjectPort(storage);
  return {
    rows: 0,
    run(text, ...bindings) {
      const cursor = storage.sql.exec(text, ...bindings);
      const found = cursor.toArray();
      this.rows += cursor.rowsWritten;
      return found;
    },
    transaction: (work) => port.transaction(work),
  };
}

describe("[G21] rows billed per small action on a Durable Object, folding and checkpoints included", () => {
  test.each([1, 100, 1024])("a state of %i KB", { timeout: 60_000 }, async (kilobytes) => {
    const stub = exports.TestObject.getByName(crypto.randomUUID());
    const rows = await runInDurableObject(stub, (_, { storage }) => {
      const sql = billed(storage);
      return rowsPerAction(sql, {
        state: stateOf(kilobytes * 1024),
        actions: 5_000,
        written: () => sql.rows,
      });
    });
    expect(rows).toBeGreaterThanOrEqual(1);
    expect(rows).toBeLessThanOrEqual(1.2);
  });

  test("writing over a row is billed as one, deleting it and writing another as two", async () => {
    const stub = exports.TestObject.getByName(crypto.randomUUID());
    await runInDurableObject(stub, (_, { storage }) => {
      const sql = billed(storage);
      sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
      sql.run("CREATE TABLE k (a TEXT, b TEXT, text TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID");
      sql.rows = 0;
      sql.run("INSERT INTO t VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET text = excluded.text");
      sql.run("INSERT INTO t VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET text = excluded.text");
      expect(sql.rows).toBe(2);
      sql.run("DELETE FROM t WHERE id = 1");
      sql.run("INSERT INTO t VALUES (1, 'c')");
      expect(sql.rows).toBe(4);
      sql.run(
        "INSERT INTO k VALUES ('a', 'b', 'a') ON CONFLICT (a, b) DO UPDATE SET text = excluded.text",
      );
      sql.run(
        "INSERT INTO k VALUES ('a', 'b', 'b') ON CONFLICT (a, b) DO UPDATE SET text = excluded.text",
      );
      expect(sql.rows).toBe(6);
      sql.run("DELETE FROM k WHERE a = 'none'");
      expect(sql.rows).toBe(6);
    });
  });
});
