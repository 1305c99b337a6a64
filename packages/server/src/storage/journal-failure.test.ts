import type { Limits } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { FAULT, faulty, type FaultyPort } from "./faulty-port.fixture.ts";
import { dump, TestHistory, type TestAction } from "./history.fixture.ts";

const SMALL: Partial<Limits> = { resumeVersions: 5, rowBytes: 500, partBytes: 2048 };

/** Two histories of the same writes; the first is on a port that can fail. */
class Twins {
  readonly port: FaultyPort = faulty(openNodeSqlite(":memory:"));
  readonly failing: TestHistory;
  readonly other: TestHistory;

  constructor(
    state = {
      count: 0,
      items: Array.from({ length: 100 }, (_, id) => ({ id, text: `item ${id}` })),
    },
  ) {
    this.failing = new TestHistory(this.port, { limits: SMALL, state });
    this.other = new TestHistory(openNodeSqlite(":memory:"), { limits: SMALL, state });
  }

  both(work: (history: TestHistory) => void): void {
    work(this.failing);
    work(this.other);
  }

  /**
   * Has `work` fail at each of its statements and at its commit, each time held against the twin
   * that has not tried; then it succeeds on both.
   */
  failEverywhere(work: (history: TestHistory) => void): number {
    let failures = 0;
    const fails = (): boolean => {
      const before = this.port.failures;
      const { version, mark, epoch, meta } = this.failing.journal;
      try {
        work(this.failing);
      } catch (error) {
        expect(error).toMatchObject({ code: "STORAGE_FAILED", cause: FAULT });
      }
      if (this.port.failures === before) return false;
      failures++;
      expect(this.failing.journal).toMatchObject({ version, mark, epoch, meta });
      expect(dump(this.failing.sql)).toEqual(dump(this.other.sql));
      return true;
    };
    for (let statement = 1; ; statement++) {
      this.port.failAt = statement;
      if (fails()) continue;
      this.port.failAt = 0;
      work(this.other);
      this.same();
      return failures;
    }
  }

  /** As `failEverywhere`, for the commit alone. */
  failCommit(work: (history: TestHistory) => void): void {
    this.port.failCommit = true;
    expect(() => work(this.failing)).toThrow(
      expect.objectContaining({ code: "STORAGE_FAILED", cause: FAULT }),
    );
    expect(dump(this.failing.sql)).toEqual(dump(this.other.sql));
    this.both(work);
    this.same();
  }

  /** Nothing tells the two apart, now, later, or after a restart. */
  same(): void {
    expect(dump(this.failing.sql)).toEqual(dump(this.other.sql));
    this.both((history) => history.count(12));
    expect(dump(this.failing.sql)).toEqual(dump(this.other.sql));
    for (let back = 0; back < 8; back++) {
      const { version } = this.other;
      expect(this.failing.resume(version - back)).toEqual(this.other.resume(version - back));
    }
    this.both((history) => history.checkClients());
  }
}

const set = (value: unknown): TestAction["patches"] => [
  { op: "replace", path: ["count"], value: value as string },
];
const ack = { principal: "alice", client: "tab", settled: 0 };

describe("[G4] a write that fails leaves disk and memory as they were, whichever statement it is", () => {
  test("the first write, with the tables and the parts", { timeout: 60_000 }, () => {
    const work = (history: TestHistory): void => {
      const entry = history.entry([{ patches: set(1), by: { ...ack, seq: 1 } }]);
      history.journal.write(entry);
      history.stored(entry);
    };
    expect(new Twins().failEverywhere(work)).toBeGreaterThan(8);
    new Twins().failCommit(work);
  });

  test.each<[string, (history: TestHistory) => TestAction[], number]>([
    ["one row", () => [{ patches: set(7), by: { ...ack, seq: 1 } }], 1],
    [
      "one row of several actions",
      () => [
        { patches: set(7), by: { ...ack, seq: 1 } },
        { patches: set(8), by: { ...ack, seq: 2 } },
      ],
      1,
    ],
    [
      "an answer alone",
      () => [
        {
          patches: [],
          by: {
            ...ack,
            seq: 1,
            answer: { type: "reject", error: { code: "REFUSED", message: "no" } },
          },
        },
      ],
      1,
    ],
    [
      "a commit of several rows",
      () => [{ patches: set("x".repeat(2_000)), by: { ...ack, seq: 1 } }],
      5,
    ],
    [
      "a new schema number",
      (history) => {
        history.schema = 2;
        return [{ patches: set(7) }];
      },
      2,
    ],
  ])("%s", (_, actions, statements) => {
    const work = (history: TestHistory): void => {
      const entry = history.entry(actions(history));
      history.journal.write(entry);
      history.stored(entry);
    };
    const twins = new Twins();
    twins.both((history) => history.count(20));
    expect(twins.failEverywhere(work)).toBeGreaterThanOrEqual(statements);
    if (statements === 1) return;
    const atCommit = new Twins();
    atCommit.both((history) => history.count(20));
    atCommit.failCommit(work);
  });

  test("a failed write frees no slot that is in use, and takes none", () => {
    const twins = new Twins();
    twins.both((history) => history.count(300));
    for (let time = 0; time < 30; time++) {
      const entry = twins.failing.entry([{ patches: set(time) }]);
      twins.port.failAt = 1;
      expect(() => twins.failing.journal.write(entry)).toThrow();
      twins.both((history) => history.count(1));
    }
    twins.same();
    twins.both((history) => history.wake());
  });
});

describe("a checkpoint that fails is still due, and leaves disk and memory as they were", () => {
  /** 256 commits over many parts, and answers of many clients that are out of the window. */
  const due = (): Twins => {
    const twins = new Twins();
    twins.both((history) => {
      for (let client = 0; client < 150; client++)
        history.write({ patches: [], by: { ...ack, client: `c${client}`, seq: 1 } });
      for (let client = 0; client < 80; client++) history.journal.settle("alice", `c${client}`, 1);
      for (let client = 0; client < 80; client++) history.settle("alice", `c${client}`, 1);
      for (let at = 0; !history.journal.checkpointDue() || at < 255; at++) {
        const patches: TestAction["patches"] = [
          {
            op: "replace",
            path: ["items", at % 100, "text"],
            value: `text ${at}`.repeat(1 + (at % 5)),
          },
        ];
        const entry = history.entry([{ patches, by: { ...ack, client: `d${at}`, seq: 1 } }]);
        history.journal.write(entry);
        history.stored(entry);
      }
    });
    return twins;
  };

  test("at any of its statements", { timeout: 60_000 }, () => {
    const twins = due();
    let rounds = 0;
    while (twins.other.journal.checkpointDue()) {
      const failures = twins.failEverywhere((history) => history.journal.checkpoint(history.state));
      if (rounds++ === 0) expect(failures).toBeGreaterThan(20);
    }
    expect(rounds).toBeGreaterThan(0);
    twins.both((history) => history.wake());
  });

  test("at its commit", () => {
    const twins = due();
    twins.failCommit((history) => history.journal.checkpoint(history.state));
    twins.both((history) => history.wake());
  });
});

test(
  "storage that cannot be read is told as STORAGE_FAILED, and nothing is quarantined",
  { timeout: 60_000 },
  () => {
    const port = faulty(openNodeSqlite(":memory:"));
    const history = new TestHistory(port, { limits: SMALL });
    history.count(300);
    const before = dump(port);
    for (let statement = 1; ; statement++) {
      const { failures } = port;
      port.failAt = statement;
      try {
        history.open().restore();
      } catch (error) {
        expect(error).toMatchObject({ code: "STORAGE_FAILED", cause: FAULT });
      }
      if (port.failures === failures) break;
      expect(statement).toBeLessThan(1_000);
    }
    port.failAt = 0;
    expect(dump(port)).toEqual(before);
    history.wake();
  },
);
