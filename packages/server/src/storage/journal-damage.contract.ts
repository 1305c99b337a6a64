import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import type { OpenTestDatabase } from "./database.fixture.ts";
import { aliceDid, dump, TestHistory } from "./history.fixture.ts";
import type { SqlPort } from "./sql-port.ts";

/** What happens to what cannot be read. */
export function journalDamageContract(platform: string, open: OpenTestDatabase): void {
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
        by: aliceDid(1),
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
          if (table === "holdfast_journal") {
            // Whatever followed is out of the way, too: the history ends before the damage.
            const [last] = sql.run(
              "SELECT max(json_extract(head, '$[4]')) AS version FROM holdfast_journal",
            );
            expect(last?.["version"]).toBeLessThan(304);
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
        "protocol of a commit",
        `UPDATE holdfast_journal SET head = json_set(head, '$[8]', 9), commits = '?' WHERE json_extract(head, '$[1]') = ${newest}`,
      ],
      [
        "codec of a part",
        "UPDATE holdfast_parts SET head = '[2' || substr(head, 3), body = '?' WHERE slot = 2",
      ],
    ])("[P93] a newer %s is refused, and nothing is touched", async (_, plant) => {
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
