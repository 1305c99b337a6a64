import { expect, test } from "vitest";
import { MUTANTS } from "./mutant-list.ts";
import { findBreachesWith } from "./mutants.ts";

test("[G1] [G2] [G4] [G6] [G15] crashes and failures at every durable step break nothing", async () => {
  expect(await findBreachesWith([])).toEqual([]);
});

test.each(MUTANTS)("a planted bug is found: $name", async ({ edits }) => {
  expect(await findBreachesWith(edits)).not.toEqual([]);
});

test("a planted bug whose text has moved on fails the build instead of proving nothing", async () => {
  const edit = { file: "packages/server/src/host/host.ts", find: "no such text", replace: "" };
  await expect(findBreachesWith([edit])).rejects.toThrow("stands 0 times");
});
