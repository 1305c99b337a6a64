import { HoldfastError } from "@holdfast/protocol";
import type { Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { counting } from "./counting-port.fixture.ts";
import type { OpenTestDatabase } from "./database.fixture.ts";
import { dump, META, TestHistory } from "./history.fixture.ts";
import type { SqlPort } from "./sql-port.ts";

const ack = (
  seq: number,
  settled = 0,
): { principal: string; client: string; seq: number; settled: number } => ({
  principal: "alice",
  client: "tab",
  seq,
  settled,
});

/** What a journal promises, on every platform. */
export function journalContract(platform: string, open: OpenTestDatabase): void {
  const withHistory = (
    name: string,
    work: (history: TestHistory, sql: SqlPort) => void,
    options?: ConstructorParameters<typeof TestHistory>[1],
  ): void => {
    test(name, async () => {
      const database = await open();
      await database.use((sql) => work(new TestHistory(sql, options), sql));
    });
  };

  describe(`the journal on ${platform}: writing and waking`, () => {
    withHistory(
      "an instance that was only asked has written nothing, not even tables",
      ({ journal }, sql) => {
        expect(journal.meta).toBe(undefined);
        expect(journal.version).toBe(0);
        expect(journal.client("alice", "tab")).toBe(undefined);
        expect(journal.resume({ epoch: journal.epoch, version: 0, mark: "" })).toEqual([]);
        journal.settle("alice", "tab", 5);
        expect(journal.checkpointDue()).toBe(false);
        expect(dump(sql)).toEqual([]);
      },
    );

    test("[G10] the first commit is there after a restart, with the whole state and whose it is", async () => {
      const database = await open();
      const state = {
        count: 0,
        list: [1, 2, 3],
        map: new Map<string, Value>([["a", new Date(5)]]),
      };
      await database.use((sql) => {
        new TestHistory(sql, { state }).write({
          patches: [{ op: "replace", path: ["count"], value: 1 }],
          by: ack(1),
        });
      });
      await database.restart();
      await database.use((sql) => {
        const history = new TestHistory(sql);
        expect(history.state).toEqual({ ...state, count: 1 });
        expect(history.journal.meta).toMatchObject(META);
        expect(history.journal).toMatchObject({
          version: 1,
          mark: "mark-1",
          epoch: "the-epoch",
          failure: undefined,
        });
        expect(history.journal.client("alice", "tab")?.answers).toEqual([
          [1, { type: "ack", version: 1, result: undefined }],
        ]);
      });
    });

    test("[G10] hundreds of commits and several checkpoints later, a restart changes nothing", async () => {
      const database = await open();
      const items = Array.from({ length: 3_000 }, (_, id) => ({
        id,
        text: `the text of item ${id}`,
      }));
      await database.use((sql) => {
        const history = new TestHistory(sql, {
          state: { count: 0, items },
          limits: { partBytes: 4096 },
        });
        for (let at = 0; at < 700; at++) {
          history.write({
            patches: [
              { op: "replace", path: ["count"], value: at },
              { op: "replace", path: ["items", at % 20, "text"], value: `text ${at}` },
            ],
          });
        }
        expect(history.checkpoints).toBeGreaterThan(1);
      });
      await database.restart();
      await database.use((sql) => {
        const history = new TestHistory(sql);
        expect(history.journal.version).toBe(700);
        const state = history.state as unknown as { count: number; items: { text: string }[] };
        expect(state.count).toBe(699);
        expect(state.items.length).toBe(3_000);
        expect(state.items.slice(0, 20).map(({ text }) => text)).toEqual(
          Array.from({ length: 20 }, (_, at) => `text ${680 + at}`),
        );
        expect(state.items[2_999]).toEqual(items[2_999]);
      });
    });

    withHistory("a state of several MB comes back as it was", (history) => {
      const big = Array.from({ length: 40 }, (_, part) =>
        Array.from({ length: 500 }, (_, id) => ({ id, text: `${part} `.repeat(40) })),
      );
      history.write({ patches: [{ op: "add", path: ["big"], value: big }] });
      history.write({
        patches: [{ op: "replace", path: ["big", 20, 250, "text"], value: "changed" }],
      });
      history.wake();
    });

    test("[G21] one durable write is one row, however many actions share it", async () => {
      const database = await open();
      await database.use((plain) => {
        const sql = counting(plain);
        const history = new TestHistory(sql);
        history.count(1);
        sql.written = 0;
        history.write({
          patches: [{ op: "replace", path: ["count"], value: 2 }],
          by: { ...ack(1), answer: { type: "ack", version: 2, result: '"result"' } },
        });
        expect(sql.written).toBe(1);
        history.write(
          ...Array.from({ length: 50 }, (_, at) => ({
            patches: [{ op: "replace" as const, path: ["count"], value: 10 + at }],
            by: ack(2 + at),
          })),
        );
        expect(sql.written).toBe(2);
        history.wake();
      });
    });

    withHistory(
      "the rows of a commit above the row limit are as small as the others, and come back as one",
      (history, sql) => {
        const value = "é日😀x".repeat(3_000);
        const answer = { type: "ack" as const, version: 2, result: JSON.stringify(value) };
        history.count(1);
        history.write({
          patches: [{ op: "add", path: ["text"], value }],
          by: { ...ack(1), answer },
        });
        history.write({ patches: [], by: { ...ack(2), answer } });
        const rows = sql.run(
          "SELECT octet_length(commits) AS commits, octet_length(answers) AS answers FROM holdfast_journal",
        );
        expect(rows.length).toBeGreaterThan(60);
        for (const { commits, answers } of rows) {
          expect(Number(commits ?? 0) + Number(answers ?? 0)).toBeLessThanOrEqual(1_000);
        }
        expect(history.resume(0)).toEqual(history.after(0));
        history.wake();
        expect(history.resume(0)).toEqual(history.after(0));
      },
      { limits: { rowBytes: 1_000 } },
    );

    withHistory("a new schema number is stored with the row that brought it", (history) => {
      history.count(2);
      history.schema = 2;
      history.count(1);
      history.wake();
      expect(history.journal.meta).toMatchObject({ ...META, schema: 2 });
      history.count(1);
      expect(history.journal.meta).toMatchObject({ ...META, schema: 2 });
    });

    withHistory("tables of the user, beside ours, are left alone", (history, sql) => {
      sql.run("CREATE TABLE journal (id INTEGER PRIMARY KEY, text TEXT)");
      sql.run("INSERT INTO journal VALUES (1, 'mine')");
      history.count(300);
      history.wake();
      expect(sql.run("SELECT * FROM journal")).toEqual([{ id: 1, text: "mine" }]);
      const names = sql
        .run("SELECT name FROM sqlite_master WHERE type = 'table'")
        .map(({ name }) => String(name));
      expect(names.filter((name) => !/^(holdfast_|_cf_|journal$)/.test(name))).toEqual([]);
    });

    withHistory(
      "a commit that does not follow is a bug that is told, not stored",
      (history, sql) => {
        history.count(2);
        const before = dump(sql);
        const late = {
          ...history.entry([{ patches: [{ op: "replace", path: ["count"], value: 9 }] }]),
        };
        const skipped = {
          ...late,
          commits: late.commits.map((commit) => ({ ...commit, version: 4 })),
        };
        expect(() => history.journal.write(skipped)).toThrow(/does not follow/);
        expect(() => history.journal.write({ ...late, meta: { ...META, key: "other" } })).toThrow(
          /another module or key/,
        );
        expect(() => history.open().write(late)).toThrow(/before it was restored/);
        expect(dump(sql)).toEqual(before);
      },
    );
  });

  describe(`the journal on ${platform}: resuming`, () => {
    withHistory(
      "[G9] gives the commits after a version, as they were sent, from every version of the window",
      (history) => {
        history.count(3);
        history.write(
          { patches: [{ op: "replace", path: ["count"], value: 10 }] },
          { patches: [{ op: "replace", path: ["count"], value: 11 }] },
          { patches: [{ op: "replace", path: ["count"], value: 12 }] },
        );
        history.write({
          patches: [],
          by: { ...ack(1), answer: { type: "reject", error: { code: "REFUSED", message: "no" } } },
        });
        history.count(2);
        for (let pass = 0; pass < 2; pass++) {
          for (let version = 0; version <= history.version; version++) {
            expect(history.resume(version)).toEqual(history.after(version));
          }
          history.wake();
        }
      },
    );

    withHistory(
      "[G9] covers exactly the latest versions, before and after a restart",
      (history) => {
        history.count(25);
        for (let pass = 0; pass < 2; pass++) {
          expect(history.resume(15)).toEqual(history.after(15));
          expect(history.resume(14)).toBe(undefined);
          expect(history.resume(0)).toBe(undefined);
          expect(history.resume(25)).toEqual([]);
          expect(history.resume(26, "mark-26")).toBe(undefined);
          history.wake();
        }
        history.count(600);
        expect(history.resume(615)).toEqual(history.after(615));
        expect(history.resume(614)).toBe(undefined);
      },
      { limits: { resumeVersions: 10 } },
    );

    withHistory(
      "[G9] covers no more than its bytes",
      (history) => {
        for (let at = 0; at < 8; at++)
          history.write({
            patches: [{ op: "replace", path: ["count"], value: "x".repeat(1_000) }],
          });
        for (let pass = 0; pass < 2; pass++) {
          expect(history.resume(5)).toEqual(history.after(5));
          expect(history.resume(4)).toBe(undefined);
          history.wake();
        }
      },
      { limits: { resumeBytes: 3_500 } },
    );

    withHistory(
      "[G9] gives nothing of another history: other epoch, other mark, a version not reached",
      (history) => {
        history.count(5);
        expect(history.journal.resume({ epoch: "other", version: 3, mark: "mark-3" })).toBe(
          undefined,
        );
        expect(history.resume(3, "mark-4")).toBe(undefined);
        expect(history.resume(5, "mark-4")).toBe(undefined);
        expect(history.resume(0, "mark-1")).toBe(undefined);
        expect(history.resume(6, "mark-5")).toBe(undefined);
        expect(history.resume(3, "mark-3")).toEqual(history.after(3));
      },
    );

    withHistory("[G9] notices a restored backup, whose versions were made again", (history) => {
      history.count(5);
      const restored = {
        ...history.entry([{ patches: [{ op: "replace", path: ["count"], value: 7 }] }]),
        mark: "another-6",
      };
      history.journal.write(restored);
      expect(history.resume(6, "mark-6")).toBe(undefined);
      expect(history.resume(5, "mark-5")).toEqual(restored.commits.map(({ text }) => text));
    });
  });

  describe(`the journal on ${platform}: answers`, () => {
    withHistory(
      "[G2] are given as they were stored, results and refusals, until they are reported",
      (history) => {
        history.write({
          patches: [{ op: "replace", path: ["count"], value: 1 }],
          by: { ...ack(1), answer: { type: "ack", version: 1, result: '{"a":[1,"\\n\\t!"]}' } },
        });
        history.write({
          patches: [],
          by: {
            ...ack(2),
            answer: { type: "reject", error: { code: "REFUSED", message: "not\n!today" } },
          },
        });
        history.write(
          { patches: [{ op: "replace", path: ["count"], value: 2 }], by: ack(3) },
          { patches: [], by: { ...ack(4), client: "other" } },
          {
            patches: [],
            by: {
              ...ack(4),
              answer: { type: "reject", error: { code: "ACTION_FAILED", message: "" } },
            },
          },
        );
        history.checkClients();
        history.wake();
        expect(history.journal.client("alice", "tab")?.settled).toBe(0);
        history.write({ patches: [], by: ack(5, 3) });
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
        history.write({ patches: [], by: ack(1) });
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
              ...ack(1),
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

    withHistory(
      "take no row of their own while their client reports them",
      (history, sql) => {
        for (let seq = 1; seq <= 1_000; seq++) {
          history.write({
            patches: [{ op: "replace", path: ["count"], value: seq }],
            by: ack(seq, seq - 1),
          });
        }
        for (let seq = 1_001; seq <= 1_500; seq++)
          history.write({ patches: [], by: ack(seq, seq - 1) });
        expect(sql.run("SELECT * FROM holdfast_clients")).toEqual([]);
        expect(sql.run("SELECT count(*) AS n FROM holdfast_journal")[0]?.["n"]).toBeLessThan(300);
      },
      { limits: { resumeVersions: 10 } },
    );

    withHistory("are gone from their own row once they are reported", (history, sql) => {
      for (let client = 0; client < 300; client++)
        history.write({ patches: [], by: { ...ack(1), client: `client ${client}` } });
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
        history.write({ patches: [], by: { ...ack(1), client: `client ${client}` } });
      expect(history.journal.client("alice", "client 0")?.answers.length).toBe(1);
      history.now += 29 * 24 * 3_600_000;
      expect(history.journal.client("alice", "client 0")?.answers.length).toBe(1);
      history.now += 2 * 24 * 3_600_000;
      expect(history.journal.client("alice", "client 0")).toBe(undefined);
      for (let client = 300; client < 1_000; client++)
        history.write({ patches: [], by: { ...ack(1), client: `client ${client}` } });
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
            by: { ...ack(seq), answer: { type: "ack", version: 0, result } },
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

  describe(`the journal on ${platform}: what cannot be read`, () => {
    const prepared = (sql: SqlPort): TestHistory => {
      const items = Array.from({ length: 200 }, (_, id) => ({
        id,
        text: `the text of item ${id}`,
      }));
      const history = new TestHistory(sql, {
        state: { count: 0, items },
        limits: { partBytes: 4096, rowBytes: 1_000 },
      });
      history.count(300);
      history.write({
        patches: [{ op: "add", path: ["large"], value: "x".repeat(5_000) }],
        by: ack(1),
      });
      history.count(3);
      return history;
    };
    const newest = "(SELECT max(json_extract(head, '$[1]')) FROM holdfast_journal)";

    test.each<[string, string, string]>([
      [
        "a commit that is no JSON",
        `UPDATE holdfast_journal SET commits = 'x' || commits WHERE json_extract(head, '$[1]') = ${newest} - 1`,
        "holdfast_journal",
      ],
      [
        "a commit of another version",
        `UPDATE holdfast_journal SET commits = replace(commits, '"version":30', '"version":90') WHERE json_extract(head, '$[1]') = ${newest} - 1`,
        "holdfast_journal",
      ],
      [
        "a commit that does not apply",
        `UPDATE holdfast_journal SET commits = replace(commits, 'count', 'cuont') WHERE json_extract(head, '$[1]') = ${newest} - 1`,
        "holdfast_journal",
      ],
      [
        "a row whose head is no JSON",
        `UPDATE holdfast_journal SET head = 'x' || head WHERE json_extract(head, '$[1]') = ${newest} - 1`,
        "holdfast_journal",
      ],
      [
        "a row whose head has another shape",
        `UPDATE holdfast_journal SET head = '[1,"a",0]' WHERE json_extract(head, '$[1]') = ${newest} - 1`,
        "holdfast_journal",
      ],
      [
        "a row in the middle that is missing",
        `DELETE FROM holdfast_journal WHERE json_extract(head, '$[1]') = ${newest} - 1`,
        "holdfast_journal",
      ],
      [
        "a piece of a large commit that is missing",
        "DELETE FROM holdfast_journal WHERE json_extract(head, '$[2]') = 3 AND json_array_length(head) = 3",
        "holdfast_journal",
      ],
      [
        "a part that is no JSON",
        "UPDATE holdfast_parts SET body = 'x' WHERE slot = 2",
        "holdfast_parts",
      ],
      [
        "a part of another kind",
        "UPDATE holdfast_parts SET body = '5' WHERE slot = 2",
        "holdfast_parts",
      ],
      [
        "a part that holds less than it says",
        "UPDATE holdfast_parts SET body = '[]' WHERE slot = 2",
        "holdfast_parts",
      ],
      [
        "a part whose head is no JSON",
        "UPDATE holdfast_parts SET head = 'x' WHERE slot = 2",
        "holdfast_parts",
      ],
      ["a part that is missing", "DELETE FROM holdfast_parts WHERE slot = 2", "none"],
    ])(
      "%s goes to quarantine, and the instance refuses until somebody looks",
      async (_, plant, table) => {
        const database = await open();
        await database.use((sql) => {
          prepared(sql);
          sql.run(plant);
          const damaged = table === "none" ? [] : sql.run(`SELECT * FROM ${table}`);
          const history = { sql, open: () => new TestHistory(sql).journal };
          expect(history.open).toThrow(expect.objectContaining({ code: "RESTORE_FAILED" }));
          if (table !== "none") {
            const kept = sql.run("SELECT source, slot, body FROM holdfast_quarantine");
            expect(kept.length).toBeGreaterThan(0);
            const left = sql.run(`SELECT slot FROM ${table}`).map(({ slot }) => slot);
            for (const { source, slot, body } of kept) {
              expect(source).toBe(table);
              expect(left).not.toContain(slot);
              const row = damaged.find((one) => one["slot"] === slot);
              expect(body).toBe(row?.["commits"] ?? row?.["body"] ?? null);
            }
          }
          const after = dump(sql);
          expect(history.open).toThrow(expect.objectContaining({ code: "RESTORE_FAILED" }));
          expect(dump(sql)).toEqual(after);
        });
      },
    );

    test("a journal that failed is told by `failure` and refuses writes", async () => {
      const database = await open();
      await database.use((sql) => {
        const history = prepared(sql);
        const entry = history.entry([{ patches: [{ op: "replace", path: ["count"], value: 0 }] }]);
        sql.run("UPDATE holdfast_parts SET body = 'x'");
        history.journal = history.open();
        expect(() => history.journal.restore()).toThrow(HoldfastError);
        expect(history.journal.failure?.message).toMatch(/holdfast_quarantine/);
        expect(() => history.journal.write(entry)).toThrow(history.journal.failure);
        expect(history.open().failure?.code).toBe("RESTORE_FAILED");
      });
    });

    test.each<[string, string]>([
      ["storage format", "UPDATE holdfast_meta SET format = 2"],
      ["codec of the meta row", "UPDATE holdfast_meta SET codec = 2"],
      [
        "codec of a commit",
        `UPDATE holdfast_journal SET head = '[2' || substr(head, 3), commits = '?' WHERE json_extract(head, '$[1]') = ${newest}`,
      ],
      [
        "codec of a part",
        "UPDATE holdfast_parts SET head = '[2' || substr(head, 3), body = '?' WHERE slot = 2",
      ],
    ])("a newer %s is refused, and nothing is touched", async (_, plant) => {
      const database = await open();
      await database.use((sql) => {
        prepared(sql);
        sql.run(plant);
        const before = dump(sql);
        expect(() => new TestHistory(sql)).toThrow(
          expect.objectContaining({ code: "SCHEMA_TOO_NEW" }),
        );
        expect(dump(sql)).toEqual(before);
      });
    });

    test("a meta table that holds something else is refused, and nothing is touched", async () => {
      const database = await open();
      await database.use((sql) => {
        prepared(sql);
        sql.run("DELETE FROM holdfast_meta");
        const before = dump(sql);
        expect(() => new TestHistory(sql)).toThrow(
          expect.objectContaining({ code: "RESTORE_FAILED" }),
        );
        expect(dump(sql)).toEqual(before);
      });
    });
  });
}
