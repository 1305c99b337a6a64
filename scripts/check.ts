/**
 * `npm run check`: all that CI runs. Every step runs, also behind a failed one; the exit code is
 * that of the worst, and the last line counts the tests.
 */
import { run, tool } from "./run.ts";
import { requireChromium } from "./find-chromium.ts";
import { runVitest, type TestCount } from "./vitest-run.ts";

interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly error: string | undefined;
}

const outcomes: Outcome[] = [];
let tests: TestCount = { passed: 0, failed: 0 };
const started = performance.now();

console.log(`Chromium: ${requireChromium()}`);
await step("format", () => run(tool("oxfmt"), ["--check"]));
await step("lint", () => run(tool("oxlint"), ["--type-aware"]));
await step("types", () => run(tool("tsc"), ["-b"]));
await step("unused", () => run(tool("knip"), ["--no-progress"]));
await step("tests", async () => {
  tests = await runVitest([]);
  if (tests.failed > 0) throw new Error(`${tests.failed} failed`);
});
await step("proofs", () => run("npm", ["run", "--silent", "prove", "--", "all", "--short"]));
await step("build", () => script("build"));
await step("packages", () => script("check-packages"));
await step("starter", () => script("check-starter"));
await step("size", () => script("size"));
report();

async function step(name: string, work: () => Promise<void>): Promise<void> {
  console.log(`\n── ${name}`);
  const began = performance.now();
  let error: string | undefined;
  try {
    await work();
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
    console.error(error);
  }
  const seconds = (performance.now() - began) / 1000;
  outcomes.push({ name, seconds, error });
  console.log(`── ${name}: ${error === undefined ? "ok" : "FAILED"}, ${seconds.toFixed(1)} s`);
}

function script(name: string): Promise<void> {
  return run(process.execPath, [`scripts/${name}.ts`]);
}

function report(): void {
  console.log("\n── summary");
  for (const { name, seconds, error } of outcomes) {
    console.log(
      `${error === undefined ? "ok    " : "FAILED"}  ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`,
    );
  }
  console.log(`in ${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
  console.log(`${tests.passed} passed, ${tests.failed} failed`);
  process.exitCode = outcomes.some(({ error }) => error !== undefined) ? 1 : 0;
}
