import { describe, expect, test } from "vitest";
import type { OpenTestDatabase } from "./database.fixture.ts";
import { aliceDid, historyTest, TestHistory } from "./history.fixture.ts";

/** What a client that asks again is told. */
export function journalAnswersContract(platform: string, open: OpenTestDatabase): void {
  const withHistory = historyTest(open);

  describe(`the journal on ${platform}: answers`, () => {
    withHistory(
      "[G2] are given as they were stored, results and refusals, until they are reported",
      (history) => {
        history.write({
          patches: [{ op: "replace", path: ["count"], value: 1 }],
          by: {
            ...aliceDid(1),
            answer: { type: "ack", version: 1, result: '{"a":[1,"\\n\\t!"]}' },
          },
        });
        history.write({
          patches: [],
          by: {
            ...aliceDid(2),
            answer: { type: "reject", error: { code: "REFUSED", message: "not\n!today" } },
          },
        });
        history.write(
          { patches: [{ op: "replace", path: ["count"], value: 2 }], by: aliceDid(3) },
          { patches: [], by: { ...aliceDid(4), client: "other" } },
          {
            patches: [],
            by: {
              ...aliceDid(4),
              answer: { type: "reject", error: { code: "ACTION_FAILED", message: "" } },
            },
          },
        );
        history.checkClients();
        history.wake();
        expect(history.journal.client("alice", "tab")?.settled).toBe(0);
        history.write({ patches: [], by: aliceDid(5, 3) });
        for (let pass = 0; pass < 2; pass++) {
          const record = history.journal.client("alice", "tab");
          expect(record?.settled).toBe(3);
          expect(record?.answers.map(([seq]) => seq)).toEqual([4, 5]);
          history.wake();
        }
      },
    );

    withHistory(
      "[G2] belong to a principal: the same client id of another one has none, and settles none",
      (history) => {
        history.write({ patches: [], by: aliceDid(1) });
        history.journal.settle("bob", "tab", 1);
        expect(history.journal.client("bob", "tab")).toBe(undefined);
        expect(history.journal.client("alice", "tab")?.answers.length).toBe(1);
        history.journal.settle("alice", "tab", 1);
        expect(history.journal.client("alice", "tab")).toBe(undefined);
      },
    );

    test("[G2] outlive the row that they were written with", async () => {
      const database = await open();
      await database.use((sql) => {
        const history = new TestHistory(sql, { limits: { resumeVersions: 10 } });
        for (let client = 0; client < 300; client++) {
          history.write({
            patches: [{ op: "replace", path: ["count"], value: client }],
            by: {
              ...aliceDid(1),
              client: `client ${client}`,
              answer: { type: "ack", version: client + 1, result: `"result ${client}"` },
            },
          });
        }
        history.count(300);
        expect(sql.run("SELECT count(*) AS n FROM holdfast_clients")).not.toEqual([{ n: 0 }]);
        history.checkClients();
      });
      await database.restart();
      await database.use((sql) => {
        const { journal } = new TestHistory(sql, { limits: { resumeVersions: 10 } });
        for (let client = 0; client < 300; client++) {
          expect(journal.client("alice", `client ${client}`)?.answers).toEqual([
            [1, { type: "ack", version: client + 1, result: `"result ${client}"` }],
          ]);
        }
      });
    });

    withHistory("[G2] do not stand for one before them that was still running", (history) => {
      for (let client = 0; client < 300; client++) {
        history.write({
          patches: [],
          by: { ...aliceDid(2), settled: 0, client: `client ${client}` },
        });
      }
      history.wake();
      for (let client = 0; client < 300; client++) {
        expect(history.journal.client("alice", `client ${client}`)).toMatchObject({
          settled: 0,
          answers: [[2, expect.anything()]],
        });
      }
    });

    withHistory("are folded once, also when a wake lies between", (history, sql) => {
      for (let client = 0; client < 300; client++) {
        history.write({ patches: [], by: { ...aliceDid(1), client: `client ${client}` } });
      }
      const before = sql.run("SELECT * FROM holdfast_clients");
      expect(before.length).toBeGreaterThan(100);
      history.wake();
      expect(history.journal.checkpointDue()).toBe(false);
      history.count(5);
      expect(sql.run("SELECT * FROM holdfast_clients")).toEqual(before);
    });

    withHistory(
      "take no row of their own while their client reports them",
      (history, sql) => {
        for (let seq = 1; seq <= 1_000; seq++) {
          history.write({
            patches: [{ op: "replace", path: ["count"], value: seq }],
            by: aliceDid(seq, seq - 1),
          });
        }
        for (let seq = 1_001; seq <= 1_500; seq++)
          history.write({ patches: [], by: aliceDid(seq, seq - 1) });
        expect(sql.run("SELECT * FROM holdfast_clients")).toEqual([]);
        expect(sql.run("SELECT count(*) AS n FROM holdfast_journal")[0]?.["n"]).toBeLessThan(300);
      },
      { limits: { resumeVersions: 10 } },
    );

    withHistory("are gone from their own row once they are reported", (history, sql) => {
      for (let client = 0; client < 300; client++)
        history.write({ patches: [], by: { ...aliceDid(1), client: `client ${client}` } });
      const kept = Number(sql.run("SELECT count(*) AS n FROM holdfast_clients")[0]?.["n"]);
      expect(kept).toBeGreaterThan(100);
      for (let client = 0; client < 300; client++) {
        history.settle("alice", `client ${client}`, 1);
        history.journal.settle("alice", `client ${client}`, 1);
        history.upkeep();
      }
      expect(Number(sql.run("SELECT count(*) AS n FROM holdfast_clients")[0]?.["n"])).toBeLessThan(
        64,
      );
      history.checkClients();
    });

    withHistory("expire after 30 days, and so do their rows", (history, sql) => {
      for (let client = 0; client < 300; client++)
        history.write({ patches: [], by: { ...aliceDid(1), client: `client ${client}` } });
      expect(history.journal.client("alice", "client 0")?.answers.length).toBe(1);
      history.now += 29 * 24 * 3_600_000;
      expect(history.journal.client("alice", "client 0")?.answers.length).toBe(1);
      history.now += 2 * 24 * 3_600_000;
      expect(history.journal.client("alice", "client 0")).toBe(undefined);
      for (let client = 300; client < 1_000; client++)
        history.write({ patches: [], by: { ...aliceDid(1), client: `client ${client}` } });
      const old = sql.run(
        "SELECT count(*) AS n FROM holdfast_clients WHERE time < ?",
        history.now - 1,
      );
      expect(old).toEqual([{ n: 0 }]);
    });

    withHistory(
      "of one client that do not fit one row take several",
      (history, sql) => {
        const result = JSON.stringify("x".repeat(600));
        for (let seq = 1; seq <= 140; seq++)
          history.write({
            patches: [],
            by: { ...aliceDid(seq), answer: { type: "ack", version: 0, result } },
          });
        const rows = sql.run("SELECT octet_length(answers) AS bytes FROM holdfast_clients");
        expect(rows.length).toBeGreaterThan(10);
        for (const { bytes } of rows) expect(bytes).toBeLessThanOrEqual(2_000);
        history.wake();
        history.journal.settle("alice", "tab", 139);
        history.settle("alice", "tab", 139);
        history.checkClients();
      },
      { limits: { rowBytes: 2_000 } },
    );
  });
}
