import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PLANTED } from "./plant-in-vite.ts";
import type { Edit } from "./plant.ts";

/** Tests that have to find a planted bug. */
export interface TestFiles {
  /** Of `vitest.config.ts`. */
  readonly project: "node" | "jsdom" | "workerd";
  readonly files: readonly string[];
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOST_MS = 120_000;

/** Runs tests on the sources with `edits` made, and gives those that fail. */
export async function huntByTests(
  { project, files }: TestFiles,
  edits: readonly Edit[],
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-hunt-"));
  try {
    const list = join(folder, "edits.json");
    await writeFile(list, JSON.stringify(edits));
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    // Named, not read from its output: where a reporter writes by itself is another place in each version.
    const report = join(folder, "report.json");
    const told = ["--reporter", "json", `--outputFile=${report}`];
    // What is kept of an earlier run has that one's bug, or none.
    const asked = ["run", "--project", project, "--fsModuleCache=false", ...told, ...files];
    const child = spawn(process.execPath, [vitest, ...asked], {
      cwd: ROOT,
      env: { ...process.env, [PLANTED]: list, CI: "true" },
      stdio: "ignore",
      timeout: MOST_MS,
      killSignal: "SIGKILL",
    });
    await once(child, "close");
    return failuresOf(await readFile(report, "utf8").catch(() => undefined));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that does not get as far as to tell has found something as well: the bug broke it. */
function failuresOf(report: string | undefined): string[] {
  if (report === undefined) return ["the tests do not come to an end"];
  // True because that is what the reporter writes.
  const { testResults, numTotalTests } = JSON.parse(report) as Results;
  const found = testResults.flatMap(({ status, name, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === "failed");
    if (tests.length === 0 && status === "failed") return [`${name} cannot be run`];
    return tests.map(({ fullName }) => fullName);
  });
  if (numTotalTests + found.length === 0) {
    throw new Error("No test ran, so nothing can be found: the files have moved.");
  }
  return found;
}

interface Results {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
