import { canonicalEncode } from "@holdfast/protocol";
import type { Patch } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { randomPatch, randomValue, seeded } from "../random-patches.fixture.ts";
import { Checkpointed, items, SMALL } from "./checkpointed.fixture.ts";

test("[G10] rows of a round that a crash cut off are never taken for those of a later one", () => {
  const checkpointed = new Checkpointed({ list: items(3_000) });
  const texts = (from: number, text: string): Patch[] =>
    Array.from({ length: 1_000 }, (_, at) => ({
      op: "replace" as const,
      path: ["list", from + at, "text"],
      value: `${text} of ${at}`,
    }));
  const lost = texts(0, "first");
  checkpointed.change(...lost);
  checkpointed.partition.write(checkpointed.state);
  // The process dies before the round counts; the next one replays the commits, and more come.
  const { partition, state } = checkpointed.read();
  checkpointed.partition = partition;
  checkpointed.state = state;
  checkpointed.change(...lost);
  checkpointed.change(...texts(0, "second"));
  checkpointed.change({ op: "splice", path: ["list"], index: 400, remove: 500, value: [] });
  checkpointed.checkpoint();
  const [ids] = checkpointed.sql.run(
    "SELECT count(*) AS rows, count(DISTINCT json_extract(head, '$[1]') || json_extract(head, '$[2]')) AS ids FROM holdfast_parts",
  );
  expect(ids?.["rows"]).toBe(ids?.["ids"]);
  expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(checkpointed.state));
});

describe("[G10] a round that is put over several commits", () => {
  test.each(Array.from({ length: 24 }, (_, seed) => seed))(
    "seed %i: holds the state as of its beginning, and nothing of it counts before its end",
    { timeout: 60_000 },
    (seed) => {
      const random = seeded(1_000 + seed);
      const limits = seed % 3 === 0 ? { ...SMALL, partBytes: 400 } : SMALL;
      const initial = Object.fromEntries(
        Array.from({ length: 4 }, (_, index) => [`k${index}`, randomValue(random, 30)]),
      );
      const checkpointed = new Checkpointed(initial, limits);
      let counted = canonicalEncode(checkpointed.state);
      let finished = 0;
      for (let round = 0; round < 30; round++) {
        for (let count = random(12); count >= 0; count--) {
          checkpointed.change(randomPatch(random, checkpointed.state, 8));
        }
        const began = canonicalEncode(checkpointed.state);
        checkpointed.partition.begin(checkpointed.state);
        for (;;) {
          if (checkpointed.partition.spoiled || random(200) === 0) {
            checkpointed.partition.abandon();
            break;
          }
          if (checkpointed.step(random(2) === 0 ? 1 : 600)) {
            counted = began;
            finished++;
            break;
          }
          if (random(2) === 0) checkpointed.change(randomPatch(random, checkpointed.state, 8));
          const wakes = random(60) === 0;
          if (!wakes && random(6) > 0) continue;
          const read = checkpointed.read();
          expect(canonicalEncode(read.state)).toBe(counted);
          if (!wakes) continue;
          // As after a crash: what had not counted is lost, the history since is replayed.
          checkpointed.partition = read.partition;
          checkpointed.change({ op: "replace", path: [], value: checkpointed.state });
          break;
        }
        expect(canonicalEncode(checkpointed.read().state)).toBe(counted);
        expect(checkpointed.partition.misfits).toBe(0);
      }
      expect(finished).toBeGreaterThan(0);
    },
  );
});
