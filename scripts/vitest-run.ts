import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one run of Vitest came to. */
export interface TestCount {
  readonly passed: number;
  /** Failed tests, files that could not be loaded, and errors outside of any test. */
  readonly failed: number;
}

/** The parts of Vitest's JSON report that are read here. */
interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const VITEST = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");

/** Runs Vitest in every project, with its own output on the terminal, and counts. */
export async function runVitest(filters: readonly string[]): Promise<TestCount> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  const report = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const vitest = spawn(process.execPath, [VITEST, "run", ...reporters, ...filters], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    });
    const [exitCode] = (await once(vitest, "exit")) as [number | null];
    return count(await readReport(report), exitCode);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readReport(path: string): Promise<JsonReport | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as JsonReport;
  } catch {
    // Vitest ended before it could write one; its own output says why.
    return undefined;
  }
}

function count(report: JsonReport | undefined, exitCode: number | null): TestCount {
  const passed = report?.numPassedTests ?? 0;
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed"),
  ).length;
  const failed = (report?.numFailedTests ?? 0) + brokenFiles;
  // An unhandled rejection, or filters that match no file, fail the run without failing a test.
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}
