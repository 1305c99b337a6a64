import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "../packages/protocol/src/limits.ts";
import { ROOT } from "./run.ts";

/** A limit's docstring and its name, as limits.ts declares them. */
const DECLARED = /\/\*\* (?<meaning>[^\n]*?) \*\/\n {2}readonly (?<name>\w+): number;/g;

/** The table of `docs/limits.md`: every limit, with its value and what limits.ts says of it. */
export function limitsTable(): string {
  const source = readFileSync(join(ROOT, "packages/protocol/src/limits.ts"), "utf8");
  const rows = [...source.matchAll(DECLARED)].map(({ groups }) => {
    const { name = "", meaning = "" } = groups ?? {};
    // The declarations of limits.ts are the keys of its table.
    const value = DEFAULT_LIMITS[name as keyof typeof DEFAULT_LIMITS];
    return `| \`${name}\` | ${value.toLocaleString("en-US")} | ${meaning} |`;
  });
  return ["| limit | value | |", "| -- | --: | -- |", ...rows].join("\n");
}
