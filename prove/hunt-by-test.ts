import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PLANTED } from "./plant-in-vite.ts";
import type { Edit } from "./plant.ts";

/** The test, or the tests of a table, one of which has to find a planted bug. */
export interface NamedTest {
  /** Of `vitest.config.ts`. */
  readonly project: "chromium" | "jsdom" | "node";
  readonly file: string;
  /** A part of its name that no other has. */
  readonly test: string;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOST_MS = 120_000;

/**
 * Runs the test on the sources with `edits` made, and gives its name if it fails.
 *
 * @throws Error where it has not run, or not to its end: that says nothing of the bug
 */
export async function huntByTest(
  { project, file, test }: NamedTest,
  edits: readonly Edit[],
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-hunt-"));
  try {
    const list = join(folder, "edits.json");
    const report = join(folder, "report.json");
    await writeFile(list, JSON.stringify(edits));
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const asked = ["run", file, "--project", project, "--testNamePattern", literally(test)];
    // What is planted must not be kept for a run without it, nor the other way round.
    const apart = ["--fsModuleCache=false", "--reporter=json", `--outputFile.json=${report}`];
    const child = spawn(process.execPath, [vitest, ...asked, ...apart], {
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

function failuresOf(report: string | undefined): string[] {
  if (report === undefined) throw new Error("the test does not come to an end");
  // True because that is what the reporter writes.
  const { testResults } = JSON.parse(report) as Results;
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed");
  if (ran.length === 0) {
    const why = testResults.find(({ status }) => status === "failed")?.message;
    throw new Error(`the test does not run${why ? `: ${why}` : ""}`);
  }
  return ran.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
}

function literally(name: string): string {
  return name.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}

interface Results {
  readonly testResults: readonly {
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
