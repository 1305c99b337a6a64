import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findBreachesWith, hunt } from "./mutant-hunters.ts";
import { MUTANTS } from "./mutant-list.ts";

const PATIENCE_MS = 60_000;
/** The others are hunted by histories, or on processes of their own: `npm run prove -- mutants`. */
const QUICK = MUTANTS.filter(({ hunter }) => hunter === "crashes" || hunter === "frames");

test(
  "[G1] [G2] [G4] [G6] [G15] crashes and failures at every durable step break nothing",
  async () => {
    expect(await findBreachesWith([])).toEqual([]);
  },
  PATIENCE_MS,
);

test.each(QUICK)(
  "a planted bug is found: $name",
  async (mutant) => {
    expect(await hunt(mutant)).not.toEqual([]);
  },
  PATIENCE_MS,
);

test("every bug can be planted: its text stands in the sources exactly once", async () => {
  const moved: string[] = [];
  for (const { name, edits } of MUTANTS) {
    for (const { file, find } of edits) {
      const text = await readFile(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8");
      if (text.split(find).length !== 2) moved.push(`${name}: ${file}`);
    }
  }
  expect(moved).toEqual([]);
});

test("every test that has to find a planted bug is there", async () => {
  const gone: string[] = [];
  for (const { name, hunter, test: named } of MUTANTS) {
    if (hunter !== "test") continue;
    const file = fileURLToPath(new URL(`../${named?.file}`, import.meta.url));
    const text = await readFile(file, "utf8");
    if (!named?.test || text.split(named.test).length !== 2) gone.push(`${name}: ${named?.test}`);
  }
  expect(gone).toEqual([]);
});

test("a planted bug whose text has moved on fails the build instead of proving nothing", async () => {
  const edit = { file: "packages/server/src/host/host.ts", find: "no such text", replace: "" };
  await expect(findBreachesWith([edit])).rejects.toThrow("stands 0 times");
});
