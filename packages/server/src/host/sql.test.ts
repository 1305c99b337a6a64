import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import type { Sql } from "../module/sql.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { createSql } from "./sql.ts";
import { action } from "./test-module.fixture.ts";

const helper = (sql: Sql): void => void sql`INSERT INTO log (text) VALUES ('helped')`;

const module = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("prepare", ({ sql }) => {
    sql`CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, text TEXT)`;
  })
  .onAction("note", ({ state, sql }, text: string) => {
    sql`INSERT INTO log (text) VALUES (${text})`;
    if (text === "throw") throw new HoldfastError("REFUSED", "Not today.");
    if (text !== "only sql") state.count++;
  })
  .onAction("read", ({ sql }) => sql<{ text: string }>`SELECT text FROM log ORDER BY id`)
  .onAction("indirectly", (context) => helper(Reflect.get(context, ["s", "ql"].join("")) as Sql))
  .onAction("declared", { sql: true }, (context) =>
    helper(Reflect.get(context, ["s", "ql"].join("")) as Sql),
  )
  .onAction("later", async ({ sql }) => {
    await Promise.resolve();
    sql`INSERT INTO log (text) VALUES ('later')`;
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .build();

function begin(sql = openNodeSqlite(":memory:") as Parameters<typeof failingPort>[0]) {
  const instance = new TestInstance(module, { sql });
  const page = instance.join("alice", "c1");
  let seq = 0;
  const call = (name: string, payload?: string): unknown => {
    seq++;
    instance.say(page, { ...action(seq, name, payload), settled: seq - 1 });
    return page.take().find(({ type }) => type === "ack" || type === "reject" || type === "busy");
  };
  const read = (): string[] =>
    (call("read") as { result: { text: string }[] }).result.map(({ text }) => text);
  call("prepare");
  return { instance, page, call, read };
}

describe("the database of an action", () => {
  test("[G4] what a synchronous action wrote to it is undone with its state when it throws", () => {
    const { call, read } = begin();
    call("note", "one");
    expect(call("note", "throw")).toMatchObject({ type: "reject", error: { code: "REFUSED" } });
    expect(read()).toEqual(["one"]);
  });

  test("[G4] one that throws in a batch takes along nothing of the others", () => {
    const { instance, page, read } = begin();
    instance.say(
      page,
      { ...action(2, "note", "one"), settled: 1 },
      { ...action(3, "note", "throw"), settled: 1 },
      { ...action(4, "note", "two"), settled: 1 },
    );
    expect(page.take().map(({ type }) => type)).toEqual([
      "commit",
      "ack",
      "reject",
      "commit",
      "ack",
    ]);
    instance.evict(page);
    instance.say(page, { ...action(5, "read"), settled: 4 });
    expect(page.take()).toMatchObject([{ result: [{ text: "one" }, { text: "two" }] }]);
    expect(read).toBeTypeOf("function");
  });

  test("a failed write of the journal takes along what the action wrote itself", () => {
    const port = openNodeSqlite(":memory:");
    const { port: failing, fail } = failingPort(port);
    const { instance, page, call } = begin(failing);
    call("note", "one");
    const spoiled = { run: failing.run.bind(failing) };
    // The action's own INSERT succeeds, the journal's fails: in every attempt.
    failing.run = (text, ...bindings) => {
      if (/holdfast_journal/.test(text)) fail(1);
      return spoiled.run(text, ...bindings);
    };
    expect(call("note", "two")).toMatchObject({ type: "busy" });
    failing.run = spoiled.run;
    expect(port.run("SELECT text FROM log")).toEqual([{ text: "one" }]);
    expect(instance.aborts).toEqual([]);
    page.take();
  });

  test("[G2] an answer is durable with what its action wrote, though the state did not change", () => {
    const { instance, page, call } = begin();
    call("note", "only sql");
    instance.evict(page);
    instance.say(page, { ...action(2, "note", "only sql"), settled: 1 });
    instance.say(page, { ...action(3, "read"), settled: 1 });
    expect(page.take().at(-1)).toMatchObject({ result: [{ text: "only sql" }] });
  });

  test("an action that only reads the database costs no row", () => {
    const port = openNodeSqlite(":memory:");
    const { call } = begin(port);
    call("note", "one");
    const rows = (): unknown => port.run("SELECT * FROM holdfast_journal");
    const before = rows();
    call("read");
    expect(rows()).toEqual(before);
  });

  test("an action whose code does not show that it uses the database says so, instead of writing what could not be undone", () => {
    const { call, read } = begin();
    expect(call("indirectly")).toMatchObject({
      type: "reject",
      error: { code: "DEFINITION_INVALID" },
    });
    expect(call("declared")).toMatchObject({ type: "ack" });
    expect(read()).toEqual(["helped"]);
  });

  test("in an asynchronous action it takes effect at once", async () => {
    const { page, call, read } = begin();
    call("later");
    await settled();
    page.take();
    expect(read()).toEqual(["later"]);
  });
});

describe("statements", () => {
  const open = (): Sql => {
    const sql = createSql(openNodeSqlite(":memory:"), () => {});
    sql`CREATE TABLE log (id INTEGER PRIMARY KEY, text, bytes BLOB)`;
    return sql;
  };

  test.each(["'; DROP TABLE log; --", "' OR '1'='1", '"; DELETE FROM log; "', "\u0000", "💥"])(
    "what is interpolated is a value and nothing else: %j",
    (text) => {
      const sql = open();
      sql`INSERT INTO log (text) VALUES (${text})`;
      expect(sql`SELECT text FROM log WHERE text = ${text}`).toEqual([{ text }]);
      expect(sql`SELECT count(*) AS count FROM log`).toEqual([{ count: 1 }]);
    },
  );

  test("numbers, null, booleans and bytes are bound, and come back", () => {
    const sql = open();
    sql`INSERT INTO log (text, bytes) VALUES (${1.5}, ${new Uint8Array([1, 2])}), (${null}, ${null}), (${true}, ${null})`;
    expect(sql`SELECT text, bytes FROM log ORDER BY id`).toEqual([
      { text: 1.5, bytes: new Uint8Array([1, 2]) },
      { text: null, bytes: null },
      { text: 1, bytes: null },
    ]);
  });

  test.each([
    ["two statements", "SELECT 1; SELECT 2"],
    ["two statements behind a text", "SELECT 'a'; DELETE FROM log"],
    ["two statements between quotes in brackets", "SELECT 1 AS [it's]; DELETE FROM log -- '"],
    ["two statements behind a comment", "SELECT 1 -- it's\n; DELETE FROM log -- '"],
    ["a transaction", " begin"],
    ["a savepoint's end", "/* innocent */ RELEASE x"],
    ["a pragma", "PRAGMA user_version = 3"],
    ["another file", "ATTACH 'x' AS y"],
    ["Holdfast's own tables", "DELETE FROM holdfast_journal"],
    ["Holdfast's own tables, quoted", 'UPDATE "holdfast_meta" SET version = 0'],
  ])("%s is refused: %s", (_what, text) => {
    const sql = open();
    expect(() => sql(Object.assign([text], { raw: [text] }))).toThrow(
      expect.objectContaining({ code: "SQL_INVALID" }),
    );
  });

  test("a text instead of a template is refused: its values would be pasted in", () => {
    const sql = open();
    const id = "1 OR 1 = 1";
    for (const pasted of [`SELECT * FROM log WHERE id = ${id}`, [`SELECT ${id}`]]) {
      expect(() => sql(pasted as never)).toThrow(/Write it before a template/);
    }
  });

  test("a semicolon in a text or at the end is no other statement", () => {
    const sql = open();
    expect(sql`SELECT 'a;b' AS text; `).toEqual([{ text: "a;b" }]);
  });

  test.each([["id; DROP TABLE log"], ['a"b'], [""], ["holdfast_meta"], ["sqlite_master"], ["1st"]])(
    "%j is no name of a column",
    (name) => {
      expect(() => open().identifier(name)).toThrow(/cannot be the name/);
    },
  );

  test("a checked name stands for a table or column", () => {
    const sql = open();
    sql`INSERT INTO ${sql.identifier("log")} (text) VALUES ('b'), ('a')`;
    expect(sql`SELECT text FROM log ORDER BY ${sql.identifier("text")}`).toEqual([
      { text: "a" },
      { text: "b" },
    ]);
  });

  test.each([[undefined], [new Date(0)], [{ a: 1 }], [NaN], [10n], [() => 1]])(
    "%o cannot be bound, and the message says what can",
    (value) => {
      expect(() => open()`SELECT ${value as never}`).toThrow(/cannot be bound.*getTime/s);
    },
  );
});
