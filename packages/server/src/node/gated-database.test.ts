import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openGated } from "./gated-database.fixture.ts";
import { openNodeSqlite } from "./node-sqlite-port.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What another process would see in the file. */
function onDisk(file: string): unknown[] {
  using sql = openNodeSqlite(file);
  return sql.run("SELECT n FROM t ORDER BY n").map(({ n }) => n);
}

describe("a gated database", () => {
  test("who is only looked at stores nothing; the first write makes the file", async () => {
    const { database, file } = openGated();
    expect(database.run("SELECT name FROM sqlite_master")).toEqual([]);
    expect(database.transaction(() => database.run("SELECT 1 AS one"))).toEqual([{ one: 1 }]);
    expect(database.durable()).toBeUndefined();
    expect(existsSync(file)).toBe(false);
    database.run("CREATE TABLE t (n INTEGER)");
    await database.durable();
    expect(onDisk(file)).toEqual([]);
  });

  test("[G1] what leaves waits until what was written before it is on disk, in order", async () => {
    const { database, file } = openGated();
    const happened: unknown[] = [];
    database.behind(() => happened.push("first"));
    expect(happened).toEqual(["first"]);
    database.run("CREATE TABLE t (n INTEGER)");
    database.run("INSERT INTO t VALUES (1)");
    database.behind(() => happened.push(onDisk(file)));
    database.transaction(() => database.run("INSERT INTO t VALUES (2)"));
    database.behind(() => happened.push("last"));
    expect(happened).toEqual(["first"]);
    await turn();
    expect(happened).toEqual(["first", [1, 2], "last"]);
  });

  test("a transaction that fails takes back its own rows only, whenever the first write came", async () => {
    const { database, file } = openGated();
    const fail = (): never => {
      throw new Error("planned");
    };
    const inside = (n: number, then: () => void): void =>
      database.transaction(() => {
        database.run("INSERT INTO t VALUES (?)", n);
        then();
      });
    database.run("CREATE TABLE t (n INTEGER)");
    await database.durable();
    expect(() => inside(1, fail)).toThrow("planned");
    inside(2, () => {
      expect(() => inside(3, fail)).toThrow("planned");
      inside(4, () => undefined);
    });
    expect(() => inside(5, () => inside(6, fail))).toThrow("planned");
    await database.durable();
    expect(onDisk(file)).toEqual([2, 4]);
  });

  test("[G4] an alarm comes and goes with the rows of its turn, and is foreseen before they are durable", async () => {
    const { database, told } = openGated();
    database.setAlarm(5);
    expect(told.splice(0)).toEqual([
      ["before", 5],
      ["alarm", 5],
    ]);
    database.run("CREATE TABLE t (n INTEGER)");
    database.setAlarm(7);
    expect(() =>
      database.transaction(() => {
        database.setAlarm(9);
        throw new Error("planned");
      }),
    ).toThrow();
    expect(told).toEqual([]);
    await database.durable();
    expect(told).toEqual([
      ["before", 7],
      ["alarm", 7],
    ]);
  });

  test("[G1] a commit that fails ends it: nothing that waited happens, and the rows are gone", async () => {
    const { database, file, told } = openGated(undefined, {
      beforeAlarm: () => {
        throw new Error("the disk is full");
      },
    });
    const happened: string[] = [];
    database.run("CREATE TABLE t (n INTEGER)");
    await database.durable();
    database.run("INSERT INTO t VALUES (1)");
    database.setAlarm(1);
    database.behind(
      () => happened.push("sent"),
      () => happened.push("lost"),
    );
    await expect(database.durable()).rejects.toThrow("Storage failed");
    expect(happened).toEqual(["lost"]);
    expect(told).toEqual([["broken", new Error("the disk is full")]]);
    expect(() => database.run("SELECT 1")).toThrow("Storage failed");
    expect(onDisk(file)).toEqual([]);
  });

  test("[G1] an error that makes SQLite give up the whole turn ends it as well", async () => {
    const { database, told } = openGated();
    const happened: string[] = [];
    database.run("CREATE TABLE t (n INTEGER, CHECK (n < 3) ON CONFLICT ROLLBACK)");
    database.run("CREATE TABLE u (n INTEGER UNIQUE ON CONFLICT ROLLBACK)");
    await database.durable();
    database.run("INSERT INTO u VALUES (1)");
    database.behind(() => happened.push("sent"));
    expect(() => database.run("INSERT INTO u VALUES (1)")).toThrow();
    await turn();
    expect(happened).toEqual([]);
    expect(told).toMatchObject([["broken", {}]]);
  });
});
