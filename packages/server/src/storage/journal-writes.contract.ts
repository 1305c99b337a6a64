import { type Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { counting } from "./counting-port.fixture.ts";
import type { OpenTestDatabase } from "./database.fixture.ts";
import { aliceDid, dump, historyTest, META, TestHistory } from "./history.fixture.ts";

/** What is written is there after a wake, in as few rows as can be. */
export function journalWritesContract(platform: string, open: OpenTestDatabase): void {
  const withHistory = historyTest(open);

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
          by: aliceDid(1),
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
          by: { ...aliceDid(1), answer: { type: "ack", version: 2, result: '"result"' } },
        });
        expect(sql.written).toBe(1);
        history.write(
          ...Array.from({ length: 50 }, (_, at) => ({
            patches: [{ op: "replace" as const, path: ["count"], value: 10 + at }],
            by: aliceDid(2 + at),
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
          by: { ...aliceDid(1), answer },
        });
        history.write({ patches: [], by: { ...aliceDid(2), answer } });
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

    withHistory(
      "large commits bring the checkpoint, so that a wake has little to replay",
      (history, sql) => {
        for (let at = 0; at < 30; at++) {
          history.write({
            patches: [{ op: "replace", path: ["count"], value: `${at}`.repeat(60_000) }],
          });
          const [left] = sql.run(
            `SELECT sum(octet_length(commits)) AS bytes FROM holdfast_journal, holdfast_meta
            WHERE json_extract(head, '$[4]') > version`,
          );
          expect(Number(left?.["bytes"] ?? 0)).toBeLessThan(1_000_000);
        }
        history.wake();
      },
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
}
