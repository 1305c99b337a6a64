import { describeStep, drawScript, shrink } from "@holdfast/testing/world";
import { BATCH, playAll } from "./batches.ts";
import type { BatchResult } from "./converge-thread.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

const THREAD = new URL("./converge-thread.ts", import.meta.url);
/** A bug breaks many histories; a few of them say enough. */
const MOST_SHRUNK = 3;

/**
 * `n` random histories in the deterministic world: the real host, journal and client, through drops,
 * half-open links, kills, failed writes, evictions and the like; after each, G1–G11, G13, G15 and
 * G20 are checked as far as they can be seen from outside. A history that fails is made smaller
 * until nothing can be left out.
 */
export async function converge({ n, seed, progress }: ProofOptions): Promise<ProofReport> {
  const sums = { versions: 0, actions: 0, deaths: 0, sockets: 0 };
  const events = new Map<string, number>();
  const failed: { seed: number; what: string }[] = [];
  let played = 0;
  for await (const { figures, failed: some } of playAll<BatchResult>(THREAD, seed, n)) {
    for (const one of figures) {
      for (const key of ["versions", "actions", "deaths", "sockets"] as const)
        sums[key] += one[key];
      for (const [type, count] of Object.entries(one.events)) {
        events.set(type, (events.get(type) ?? 0) + count);
      }
    }
    failed.push(...some);
    played += BATCH;
    if (played % 1_000 === 0) progress(`${played} histories, ${failed.length} failed`);
  }
  const failures: string[] = [];
  failed.sort((a, b) => a.seed - b.seed);
  for (const [index, { seed: failing, what }] of failed.entries()) {
    const story = index < MOST_SHRUNK ? await tell(failing) : "";
    failures.push(`seed ${failing}: ${what}${story}`);
  }
  const figures = {
    histories: n,
    ...sums,
    ...Object.fromEntries(
      [...events].sort(([, a], [, b]) => b - a).map(([type, count]) => [`steps: ${type}`, count]),
    ),
    "histories failed": failed.length,
  };
  return { name: "converge", passed: failures.length === 0, figures, failures };
}

/** The smallest history that fails like this one, step by step and message by message. */
async function tell(seed: number): Promise<string> {
  const { script, played, tries } = await shrink(drawScript(seed));
  const { steps, ...rest } = script;
  return [
    "",
    `    after ${tries} tries at making it smaller: ${played.breach?.what}`,
    `    ${JSON.stringify(rest)}`,
    ...steps.map((step) => `    ${describeStep(step)}`),
    ...played.transcript.slice(-60).map((line) => `      ${line.slice(0, 200)}`),
    `    as data: ${JSON.stringify(script)}`,
  ].join("\n");
}
