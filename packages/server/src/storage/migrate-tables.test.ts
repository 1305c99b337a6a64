import { expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { dump, TestHistory } from "./history.fixture.ts";
import { type FormatStep, migrateTables } from "./migrate-tables.ts";
import type { SqlPort } from "./sql-port.ts";

function stored(): SqlPort {
  const sql = openNodeSqlite(":memory:");
  new TestHistory(sql).count(3);
  return sql;
}

const steps = new Map<number, FormatStep>([
  [2, (sql) => sql.run("ALTER TABLE holdfast_meta ADD COLUMN note TEXT")],
  [3, (sql) => sql.run("UPDATE holdfast_meta SET note = 'by step 3'")],
]);

test("storage of an older format is brought up to date step by step", () => {
  const sql = stored();
  migrateTables(sql, 1, { format: 3, steps });
  expect(sql.run("SELECT format, note FROM holdfast_meta")).toEqual([
    { format: 3, note: "by step 3" },
  ]);
});

test("a step that fails leaves the older format as it was", () => {
  const sql = stored();
  const before = dump(sql);
  const failing = new Map(steps).set(3, () => {
    throw new Error("no");
  });
  expect(() => migrateTables(sql, 1, { format: 3, steps: failing })).toThrow("no");
  expect(dump(sql)).toEqual(before);
});

test("a format that no steps lead on from is refused, and nothing is touched", () => {
  const sql = stored();
  sql.run("UPDATE holdfast_meta SET format = 0");
  const before = dump(sql);
  expect(() => new TestHistory(sql)).toThrow(expect.objectContaining({ code: "RESTORE_FAILED" }));
  expect(dump(sql)).toEqual(before);
});
