import { expect, test } from "vitest";
import { MUTANTS } from "./mutant-list.ts";
import { findBreachesWith, hunt } from "./mutants.ts";

const PATIENCE_MS = 60_000;
const WITHOUT_SOCKETS = MUTANTS.filter(({ hunter }) => hunter !== "kill");

test(
  "[G1] [G2] [G4] [G6] [G15] crashes and failures at every durable step break nothing",
  async () => {
    expect(await findBreachesWith([])).toEqual([]);
  },
  PATIENCE_MS,
);

test.each(WITHOUT_SOCKETS)(
  "a planted bug is found: $name",
  async (mutant) => {
    expect(await hunt(mutant)).not.toEqual([]);
  },
  PATIENCE_MS,
);

test("a planted bug whose text has moved on fails the build instead of proving nothing", async () => {
  const edit = { file: "packages/server/src/host/host.ts", find: "no such text", replace: "" };
  await expect(findBreachesWith([edit])).rejects.toThrow("stands 0 times");
});
