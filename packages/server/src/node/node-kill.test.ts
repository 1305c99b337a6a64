import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHistory } from "../storage/history.fixture.ts";
import { seeded } from "../storage/random-patches.fixture.ts";
import { openNodeSqlite } from "./node-sqlite-port.ts";

/**
 * What a crash leaves of the files: the database, and the write-ahead log up to some byte. Whatever
 * the byte, what opens is the history up to some version; up to every version that was acknowledged
 * when the log had been synced that far.
 */
describe("[G1] after a crash", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-kill-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A history that is written while it is copied, as a killed process leaves it. */
  function record(
    name: string,
    steps: number,
    onStep: (path: string, history: TestHistory, step: number) => void,
  ): void {
    const path = join(folder, name);
    using sql = openNodeSqlite(path);
    const items = Array.from({ length: 300 }, (_, id) => ({ id, text: `the text of item ${id}` }));
    const history = new TestHistory(sql, {
      state: { count: 0, items },
      limits: { partBytes: 2_048, resumeVersions: 40 },
    });
    for (let step = 1; step <= steps; step++) {
      const change = {
        op: "replace" as const,
        path: ["items", (step * 7) % 300, "text"],
        value: "x".repeat(step % 90),
      };
      history.write({
        patches: [{ op: "replace", path: ["count"], value: step }, change],
        by: { principal: "alice", client: "tab", seq: step, settled: step - 1 },
      });
      onStep(path, history, step);
    }
  }

  function versionOf(path: string): number {
    using sql = openNodeSqlite(path);
    const history = new TestHistory(sql, { limits: { partBytes: 2_048, resumeVersions: 40 } });
    const { version, failure } = history.journal;
    expect(failure).toBe(undefined);
    const { count } = history.state as { count: number };
    expect(count).toBe(version);
    if (version === 0) return 0;
    const record = history.journal.client("alice", "tab");
    expect(record?.settled).toBe(version - 1);
    expect(record?.answers.map(([seq]) => seq)).toEqual([version]);
    expect(
      history.journal.resume({
        epoch: "the-epoch",
        version: Math.max(0, version - 10),
        mark: version > 10 ? `mark-${version - 10}` : "",
      })?.length,
    ).toBe(Math.min(10, version));
    return version;
  }

  test("between any two writes, everything acknowledged is there", { timeout: 60_000 }, () => {
    const random = seeded(1);
    const copy = join(folder, "between-copy");
    record("between", 600, (path, history, step) => {
      if (step > 3 && random(12) > 0) return;
      copyFileSync(path, copy);
      copyFileSync(`${path}-wal`, `${copy}-wal`);
      rmSync(`${copy}-shm`, { force: true });
      expect(versionOf(copy)).toBe(history.version);
    });
  });

  test(
    "with the log cut at any byte, what opens is a prefix of the history",
    { timeout: 60_000 },
    () => {
      const random = seeded(2);
      const copy = join(folder, "cut-copy");
      const seen = new Set<number>();
      record("cut", 400, (path, history, step) => {
        if (step % 80 !== 0) return;
        const database = readFileSync(path);
        const log = readFileSync(`${path}-wal`);
        let most = 0;
        const cuts = Array.from({ length: 30 }, () => random(log.length + 1)).sort((a, b) => a - b);
        for (const cut of cuts) {
          writeFileSync(copy, database);
          writeFileSync(`${copy}-wal`, log.subarray(0, cut));
          rmSync(`${copy}-shm`, { force: true });
          const version = versionOf(copy);
          expect(version).toBeLessThanOrEqual(history.version);
          // More of the log never means less of the history.
          expect(version).toBeGreaterThanOrEqual(most);
          most = version;
          seen.add(version);
        }
      });
      expect(seen.size).toBeGreaterThan(20);
    },
  );
});
