import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../packages/protocol/src/limits.ts";
import { limitsTable } from "./limits-table.ts";
import { ROOT } from "./run.ts";

test("every limit stands in the table", () => {
  for (const name of Object.keys(DEFAULT_LIMITS)) expect(limitsTable()).toContain(`\`${name}\``);
});

test("docs/limits.md has the table as it is in the code", () => {
  const page = readFileSync(join(ROOT, "docs/limits.md"), "utf8");
  const found = page.split("\n").filter((line) => line.startsWith("|"));
  expect(found.map((row) => unpadded(row))).toEqual(
    limitsTable()
      .split("\n")
      .map((row) => unpadded(row)),
  );
});

/** The formatter pads cells. */
function unpadded(row: string): string {
  return row.replaceAll(/\s+/g, " ").replaceAll(/-{2,}/g, "--");
}
