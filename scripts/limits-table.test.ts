import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { ROOT } from "./run.ts";

/** A limit's docstring and its name, as limits.ts declares them. */
const DECLARED = /\/\*\* (?<meaning>[^\n]*?) \*\/\n {2}readonly (?<name>\w+): number;/g;

test("docs/limits.md has every limit, with the value and the words of the code", () => {
  const source = readFileSync(join(ROOT, "packages/protocol/src/limits.ts"), "utf8");
  const rows = [...source.matchAll(DECLARED)].map(({ groups }) => {
    const { name = "", meaning = "" } = groups ?? {};
    // What limits.ts declares is the keys of its table.
    const value = DEFAULT_LIMITS[name as keyof typeof DEFAULT_LIMITS];
    return `| \`${name}\` | ${value.toLocaleString("en-US")} | ${meaning} |`;
  });
  expect(rows).toHaveLength(Object.keys(DEFAULT_LIMITS).length);
  const page = readFileSync(join(ROOT, "docs/limits.md"), "utf8");
  const found = page.split("\n").filter((line) => line.startsWith("| `"));
  // The formatter pads cells.
  expect(found.map((row) => row.replaceAll(/\s+/g, " "))).toEqual(rows);
});
