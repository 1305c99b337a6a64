import type { Answer, Limits } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { faulty } from "./faulty-port.fixture.ts";
import { TestHistory, type TestAction } from "./history.fixture.ts";
import { randomPatch, randomValue, seeded, type Random } from "./random-patches.fixture.ts";

const LIMITS: Partial<Limits> = {
  resumeVersions: 30,
  resumeBytes: 20_000,
  rowBytes: 2_000,
  partBytes: 1_024,
};

/**
 * Random histories against the plain model of `TestHistory`: many clients, batches, refusals, large
 * commits, failed writes and failed checkpoints, wakes at any moment. Slots that are reused too
 * early, answers that are lost, windows that are off by one all end here.
 */
describe("random histories", () => {
  test.each(Array.from({ length: 6 }, (_, seed) => seed))(
    "[G2] [G9] [G10] seed %i",
    { timeout: 60_000 },
    (seed) => {
      const random = seeded(seed);
      const port = faulty(openNodeSqlite(":memory:"));
      const state = Object.fromEntries(
        Array.from({ length: 4 }, (_, index) => [`k${index}`, randomValue(random, 20)]),
      );
      const history = new TestHistory(port, { limits: LIMITS, state });
      const sequences = new Map<string, number>();
      for (let step = 0; step < 800; step++) {
        const actions = Array.from({ length: random(6) === 0 ? 1 + random(4) : 1 }, () =>
          randomAction(random, history, sequences),
        );
        writeOrFail(random, history, actions);
        if (random(40) === 0) checkResume(history);
        if (random(60) === 0) {
          history.wake();
          checkResume(history);
        }
      }
      history.wake();
      expect(port.failures).toBeGreaterThan(10);
      expect(history.checkpoints).toBeGreaterThan(2);
      expect(history.clients.size).toBeGreaterThan(100);
    },
  );

  function writeOrFail(random: Random, history: TestHistory, actions: readonly TestAction[]): void {
    const port = history.sql as ReturnType<typeof faulty>;
    const entry = history.entry(actions);
    if (random(15) === 0) {
      const { failures } = port;
      port.failAt = 1 + random(3);
      attempt(() => history.store(entry));
      port.failAt = 0;
      if (port.failures > failures) history.store(entry);
    } else {
      history.store(entry);
    }
    after();

    function after(): void {
      history.stored(entry);
      if (history.journal.checkpointDue() && random(3) === 0) {
        port.failAt = 1 + random(3);
        attempt(() => history.journal.checkpoint(history.state));
        port.failAt = 0;
      }
      history.upkeep();
    }
  }

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      expect(error).toMatchObject({ code: "STORAGE_FAILED" });
    }
  }

  /** A change by a new client, a loyal one that reports as it goes, or one that never does; or a refusal. */
  function randomAction(
    random: Random,
    history: TestHistory,
    sequences: Map<string, number>,
  ): TestAction {
    const client = ["loyal", "quiet", `once ${random(1_000_000)}`][random(3)] as string;
    const seq = (sequences.get(client) ?? 0) + 1;
    sequences.set(client, seq);
    const settled =
      client === "loyal"
        ? Math.max(0, seq - 1 - random(3))
        : client === "quiet"
          ? Math.max(0, seq - 250)
          : 0;
    const principal = random(2) === 0 && client.startsWith("once") ? "bob \u0000\ud800" : "alice";
    const refused = random(4) === 0;
    const answer: Answer = refused
      ? { type: "reject", error: { code: "REFUSED", message: "no\n!\t" } }
      : {
          type: "ack",
          version: history.version,
          result: random(3) === 0 ? JSON.stringify("r\n".repeat(random(400))) : undefined,
        };
    const by = { principal, client, seq, settled, answer };
    if (refused || random(8) === 0) return { patches: [], by };
    if (random(30) === 0)
      return {
        patches: [
          {
            op: "add",
            path: [`large ${history.version} ${seq}`],
            value: "é".repeat(random(4_000)),
          },
        ],
        by,
      };
    // Patches of one batch must fit each other: only the first action of a batch looks at the state.
    return {
      patches: [{ op: "add", path: [`${client} ${seq} ${history.version}`], value: null }],
      by,
    };
  }

  function checkResume(history: TestHistory): void {
    const { version } = history;
    let bytes = 0;
    for (let from = version; from >= Math.max(0, version - 40); from--) {
      const texts = history.resume(from);
      if (texts) expect(texts).toEqual(history.after(from));
      bytes += Buffer.byteLength(history.texts[from + 1] ?? "");
      if (version - from > 30) expect(texts, `from ${from} of ${version}`).toBe(undefined);
      // A row of several commits is in the window whole or not at all.
      else if (version - from <= 26 && bytes < 14_000)
        expect(texts, `from ${from} of ${version}`).toBeDefined();
    }
    expect(history.resume(version, "mark-of-another")).toBe(undefined);
  }
});

test(
  "random patches on a state in many parts, through checkpoints and wakes",
  { timeout: 60_000 },
  () => {
    for (let seed = 100; seed < 103; seed++) {
      const random = seeded(seed);
      const state = Object.fromEntries(
        Array.from({ length: 4 }, (_, index) => [`k${index}`, randomValue(random, 20)]),
      );
      const history = new TestHistory(openNodeSqlite(":memory:"), { limits: LIMITS, state });
      for (let step = 0; step < 3_000; step++) {
        history.write({ patches: [randomPatch(random, history.state, 6)] });
        if (random(100) === 0) history.wake();
      }
      history.wake();
      expect(history.checkpoints).toBeGreaterThan(1);
    }
  },
);
