import { describe, expect } from "vitest";
import type { OpenTestDatabase } from "./database.fixture.ts";
import { aliceDid, historyTest } from "./history.fixture.ts";

/** What a client that comes back is given. */
export function journalResumeContract(platform: string, open: OpenTestDatabase): void {
  const withHistory = historyTest(open);

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
          by: {
            ...aliceDid(1),
            answer: { type: "reject", error: { code: "REFUSED", message: "no" } },
          },
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
      "[P79] says which versions were made by whose patches, before and after a restart",
      (history) => {
        const set = (value: string | number) => [
          { op: "replace", path: ["count"], value } as const,
        ];
        const patch = (seq: number) => ({ ...aliceDid(seq), isPatch: true as const });
        history.write(
          { patches: set(1), by: patch(1) },
          { patches: [], by: aliceDid(2) },
          { patches: set(2), by: aliceDid(3) },
        );
        history.write({ patches: set("long".repeat(400)), by: patch(4) });
        history.write({ patches: set(3), by: aliceDid(5) }, { patches: set(4), by: patch(6) });
        for (let pass = 0; pass < 2; pass++) {
          const made = [
            { ...aliceDid(1), version: 1 },
            { ...aliceDid(4), version: 3 },
            { ...aliceDid(6), version: 5 },
          ];
          expect(history.journal.patchesAfter(0)).toEqual(made);
          expect(history.journal.patchesAfter(3)).toEqual(made.slice(2));
          expect(history.journal.patchesAfter(5)).toEqual([]);
          // In the middle of a row.
          expect(history.journal.patchesAfter(1)).toEqual(made.slice(1));
          history.wake();
        }
      },
      { limits: { rowBytes: 1_000 } },
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
      "[G9] covers its oldest version at every moment, right behind a checkpoint, too",
      (history) => {
        history.count(20);
        for (let step = 0; step < 300; step++) {
          history.count(1);
          expect(history.resume(history.version - 10)).toHaveLength(10);
          expect(history.resume(history.version - 11)).toBe(undefined);
        }
        expect(history.checkpoints).toBeGreaterThan(0);
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
      "[G9] [P38] gives nothing of another history: other epoch, other mark, a version not reached",
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

    withHistory(
      "[G20] gives no commit that was written for another wire protocol, and restores it all the same",
      (history, sql) => {
        history.count(6);
        sql.run(
          "UPDATE holdfast_journal SET head = json_set(head, '$[8]', 0) WHERE json_extract(head, '$[4]') <= 4",
        );
        history.wake();
        expect(history.resume(3)).toBe(undefined);
        expect(history.resume(4)).toEqual(history.after(4));
        history.count(2);
        expect(history.resume(4)).toEqual(history.after(4));
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
}
