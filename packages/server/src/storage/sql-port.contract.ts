import { describe, expect, test } from "vitest";
import type { OpenTestDatabase } from "./database.fixture.ts";
import type { SqlPort } from "./sql-port.ts";

/** What the journal takes for granted, on every platform. */
export function sqlPortContract(platform: string, open: OpenTestDatabase): void {
  describe(`the SQL port of ${platform}`, () => {
    test("rows come back with the values that were bound", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT, c INTEGER)");
        const text = `zero \u0000, é, 日本, 😀, ${"x".repeat(100_000)}`;
        expect(sql.run("INSERT INTO t VALUES (?, ?, ?, ?)", 1, null, text, 2 ** 52 + 1)).toEqual(
          [],
        );
        expect(sql.run("SELECT * FROM t")).toEqual([{ id: 1, a: null, b: text, c: 2 ** 52 + 1 }]);
      });
    });

    test("a statement that fails leaves no trace and does not spoil the next", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        sql.run("INSERT INTO t VALUES (1)");
        expect(() => sql.run("INSERT INTO t VALUES (2), (1)")).toThrow(/UNIQUE/);
        sql.run("INSERT INTO t VALUES (3)");
        expect(ids(sql)).toEqual([1, 3]);
      });
    });

    test("a transaction that throws undoes everything, tables included, and passes the error on", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        const error = new Error("no");
        const work = (): void => {
          sql.run("INSERT INTO t VALUES (1)");
          sql.run("CREATE TABLE u (id INTEGER)");
          throw error;
        };
        expect(() => sql.transaction(work)).toThrow(error);
        expect(ids(sql)).toEqual([]);
        expect(sql.run("SELECT name FROM sqlite_master WHERE name = 'u'")).toEqual([]);
      });
    });

    test("a transaction inside another is undone alone", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        const result = sql.transaction(() => {
          sql.run("INSERT INTO t VALUES (1)");
          expect(() =>
            sql.transaction(() => {
              sql.run("INSERT INTO t VALUES (2)");
              sql.run("INSERT INTO t VALUES (1)");
            }),
          ).toThrow(/UNIQUE/);
          sql.transaction(() => sql.run("INSERT INTO t VALUES (3)"));
          return "done";
        });
        expect(result).toBe("done");
        expect(ids(sql)).toEqual([1, 3]);
      });
    });

    test("an outer transaction that throws undoes the inner ones that had succeeded", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        const work = (): void => {
          sql.transaction(() => sql.run("INSERT INTO t VALUES (1)"));
          throw new Error("no");
        };
        expect(() => sql.transaction(work)).toThrow("no");
        expect(ids(sql)).toEqual([]);
      });
    });

    test("what is written survives a restart", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        sql.run("INSERT INTO t VALUES (1)");
        sql.transaction(() => sql.run("INSERT INTO t VALUES (2)"));
      });
      await database.restart();
      await database.use((sql) => expect(ids(sql)).toEqual([1, 2]));
    });

    test("SQLite takes a list as one binding and joins texts in its order, which reading commits relies on", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT)");
        sql.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, NULL)");
        const text = `SELECT group_concat(t.b, char(30) ORDER BY list.key) AS texts
          FROM json_each(?) AS list JOIN t ON t.id = list.value`;
        expect(sql.run(text, "[3,1,4,2,9]")).toEqual([{ texts: "c\u001ea\u001eb" }]);
        expect(sql.run(text, "[9]")).toEqual([{ texts: null }]);
      });
    });

    test("SQLite counts bytes and builds lists, which opening a journal relies on", async () => {
      const database = await open();
      await database.use((sql) => {
        sql.run("CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT)");
        sql.run("INSERT INTO t VALUES (1, ?), (2, NULL)", "é日😀");
        const text =
          "SELECT group_concat(size) AS all_of FROM (SELECT id / 256 AS some, id || ':' || ifnull(octet_length(b), 0) AS size FROM t LIMIT -1) GROUP BY some";
        expect(sql.run(text)).toEqual([{ all_of: "1:9,2:0" }]);
      });
    });
  });
}

function ids(sql: SqlPort): unknown[] {
  return sql.run("SELECT id FROM t ORDER BY id").map(({ id }) => id);
}
