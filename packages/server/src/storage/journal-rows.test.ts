import { encodeMessage, type Patch, type Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { TestHistory } from "./history.fixture.ts";
import { rowsPerAction, stateOf } from "./row-count.fixture.ts";
import type { SqlPort } from "./sql-port.ts";

const ACTIONS = 100_000;
const MEGABYTE = 1024 * 1024;

/** As SQLite counts them: a row that is written over is one. */
function rowsWritten(sql: SqlPort): number {
  return Number(sql.run("SELECT total_changes() AS rows")[0]?.["rows"]);
}

describe("[G21] rows written per small action, folding and checkpoints included", () => {
  test.each([1, 100, 1024, 10 * 1024])("a state of %i KB", { timeout: 120_000 }, (kilobytes) => {
    const sql = openNodeSqlite(":memory:");
    const rows = rowsPerAction(sql, {
      state: stateOf(kilobytes * 1024),
      actions: ACTIONS,
      written: () => rowsWritten(sql),
    });
    expect(rows).toBeLessThanOrEqual(1.2);
  });

  test("actions that arrive together share a row", { timeout: 120_000 }, () => {
    const sql = openNodeSqlite(":memory:");
    const rows = rowsPerAction(sql, {
      state: stateOf(100 * 1024),
      actions: 20_000,
      batch: 20,
      written: () => rowsWritten(sql),
    });
    expect(rows).toBeLessThanOrEqual(0.2);
  });
});

describe("the database stays bounded", () => {
  const large = (history: TestHistory, bytes: number): void => {
    history.write({ patches: [{ op: "replace", path: ["count"], value: "x".repeat(bytes) }] });
  };
  const contentOf = (history: TestHistory): number => {
    const [row] = history.sql.run(
      "SELECT sum(octet_length(commits)) + sum(ifnull(octet_length(answers), 0)) AS bytes FROM holdfast_journal",
    );
    return Number(row?.["bytes"]);
  };

  test(
    "a window of large commits, then of small ones, again and again",
    { timeout: 60_000 },
    () => {
      const history = new TestHistory(openNodeSqlite(":memory:"));
      const sizes: number[] = [];
      for (let round = 0; round < 2; round++) {
        for (let at = 0; at < 40; at++) large(history, 900_000);
        sizes.push(contentOf(history));
        for (let at = 0; at < 1_200; at++) large(history, 10);
        sizes.push(contentOf(history));
        history.wake();
      }
      // The window, what is freed and not yet written over, and one commit on its way.
      expect(Math.max(...sizes)).toBeLessThan(22 * MEGABYTE);
      const [row] = history.sql.run("SELECT count(*) AS slots FROM holdfast_journal");
      expect(row?.["slots"]).toBeLessThan(1_400);
      const [pages] = history.sql.run("PRAGMA page_count");
      expect(Number(pages?.["page_count"]) * 4096).toBeLessThan(32 * MEGABYTE);
    },
  );

  test(
    "large rows that many small ones bury among the free slots are emptied",
    { timeout: 60_000 },
    () => {
      const history = new TestHistory(openNodeSqlite(":memory:"));
      let most = 0;
      for (let round = 0; round < 4; round++) {
        // Commits of several rows push a thousand small ones out of the window, and stand below them.
        for (let at = 0; at < 1_000; at++) large(history, 10);
        for (let at = 0; at < 3; at++) large(history, 7_000_000);
        most = Math.max(most, contentOf(history));
      }
      expect(most).toBeLessThan(32 * MEGABYTE);
    },
  );
});

test("an instance that sleeps behind every action is checkpointed all the same", () => {
  const limits = { partBytes: 1024, checkpointCommits: 8, checkpointCommitsPerPart: 4 };
  const list = Array.from({ length: 64 }, (_, index) => `item ${index} `.repeat(10));
  const history = new TestHistory(openNodeSqlite(":memory:"), {
    limits,
    state: { count: 0, list },
  });
  const behind: number[] = [];
  for (let at = 0; at < 200; at++) {
    const value = `changed at ${at}`;
    history.write({ patches: [{ op: "replace", path: ["list", (at * 7) % 64], value }] });
    history.wake();
    const [row] = history.sql.run("SELECT version FROM holdfast_meta");
    behind.push(history.version - Number(row?.["version"]));
  }
  const [row] = history.sql.run("SELECT count(*) AS parts FROM holdfast_parts");
  expect(history.checkpoints).toBeGreaterThan(1);
  expect(Math.max(...behind)).toBeLessThanOrEqual(4 * Number(row?.["parts"]));
});

test(
  "one client after another, each with a single action it never reports",
  { timeout: 60_000 },
  () => {
    const sql = openNodeSqlite(":memory:");
    const history = new TestHistory(sql);
    const patches: Patch[] = [{ op: "replace", path: ["count"], value: 1 as Value }];
    for (let at = 0; at < 20_000; at++) {
      const version = history.version + 1;
      const text = encodeMessage({ type: "commit", version, mark: "m", patches });
      const answer = { type: "ack" as const, version, result: undefined };
      history.journal.write({
        meta: { module: "counter", key: "general", schema: 1 },
        mark: "m",
        commits: [{ version, text, patches }],
        finished: [{ principal: "alice", client: `client ${at}`, seq: 1, settled: 0, answer }],
        state: () => ({ count: 1 }),
      });
      history.texts.push(text);
      history.upkeep();
    }
    // Each such client takes a row of its own once the journal's is written over, and no more.
    expect(rowsWritten(sql) / 20_000).toBeLessThan(2.01);
  },
);
