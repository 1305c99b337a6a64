import type { Limits, Patch, Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { faulty } from "./faulty-port.fixture.ts";
import { TestHistory, type TestAction } from "./history.fixture.ts";
import { randomPatch, seeded, type Random } from "./random-patches.fixture.ts";

/** Everything is frequent: rounds of many parts, folded answers, slots used again. */
const LIMITS: Partial<Limits> = {
  resumeVersions: 6,
  partBytes: 1_024,
  checkpointCommits: 3,
  checkpointCommitsPerPart: 1,
  checkpointPace: 0,
  answerRows: 6,
  reportedClients: 2,
};

/** So many parts that a round takes several commits. */
const stateOf = (): Value => ({
  count: 0,
  items: Array.from({ length: 60 }, (_, id) => ({ id, text: `the text of item ${id}` })),
  byKey: Object.fromEntries(Array.from({ length: 40 }, (_, id) => [`key ${id}`, `value ${id}`])),
});

describe("[G1] [G2] [G10] a process that dies at any statement", () => {
  // A crash before the statement, whatever transaction it is in; the port is tested to undo that.
  test.each(Array.from({ length: 12 }, (_, part) => part))(
    "leaves the history as it was told, whatever round was under way (part %i of 12)",
    { timeout: 120_000 },
    (part) => {
      let crashes = 0;
      let inRounds = 0;
      for (let statement = 1 + part; ; statement += 12) {
        const port = faulty(openNodeSqlite(":memory:"));
        const history = new TestHistory(port, { limits: LIMITS, state: stateOf() });
        const random = seeded(5);
        history.write(action(random, history));
        port.failAt = statement;
        if (!runInto(history, random, 40)) break;
        crashes++;
        if (rowsOfUnfinishedRounds(history) > 0) inRounds++;
        history.wake();
        // What the round before had put is not taken for what the next one puts.
        for (let more = 0; more < 12; more++) history.write(action(random, history));
        history.wake();
      }
      expect(crashes).toBeGreaterThan(5);
      expect(inRounds).toBeGreaterThan(2);
    },
  );

  /** True when it died on the way; the model knows only what was told. */
  function runInto(history: TestHistory, random: Random, writes: number): boolean {
    const port = history.sql as ReturnType<typeof faulty>;
    for (let write = 0; write < writes; write++) {
      try {
        history.write(action(random, history));
      } catch (error) {
        expect(error).toMatchObject({ code: "STORAGE_FAILED" });
      }
      if (port.failures > 0) return true;
    }
    return false;
  }
});

function action(random: Random, history: TestHistory): TestAction {
  const seq = history.version + 1;
  const { state } = history;
  const { items } = state as { items: readonly Value[] };
  const patches: Patch[] =
    random(3) === 0
      ? [randomPatch(random, state, 6)]
      : [
          { op: "splice", path: ["items"], index: random(items.length), remove: 0, value: [seq] },
          { op: "splice", path: ["items"], index: random(items.length), remove: 1, value: [] },
        ];
  const client = `client ${random(20)} ${history.version}`;
  return { patches, by: { principal: "alice", client, seq, settled: seq - 1 } };
}

function rowsOfUnfinishedRounds({ sql }: TestHistory): number {
  const [row] = sql.run(
    `SELECT count(*) AS n FROM holdfast_parts, holdfast_meta
      WHERE json_extract(head, '$[2]') > holdfast_meta.round`,
  );
  return Number(row?.["n"]);
}
