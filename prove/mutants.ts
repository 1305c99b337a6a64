import { playAll } from "./batches.ts";
import { HUNTS, MUTANTS } from "./mutant-list.ts";
import type { Hunted } from "./mutants-thread.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/** Of so many bugs at most one may go unnoticed. */
const ONE_IN = 20;

/**
 * Plants each of the bugs that the engine is built to exclude, and expects it to be found: a proof
 * that finds nothing with a bug in place proves nothing without one.
 *
 * `n` is not used: every bug is planted once.
 */
export async function mutants(options: ProofOptions): Promise<ProofReport> {
  const failures: string[] = [];
  const hidden: string[] = [];
  const thread = new URL("./mutants-thread.ts", import.meta.url);
  for await (const hunted of playAll<Hunted>(thread, 0, HUNTS.length, 1)) {
    const { name, isUntouched, found, trouble } = hunted;
    if (isUntouched) {
      const wrong = trouble === undefined ? found : [trouble];
      failures.push(...wrong.map((what) => `${name}: ${what}`));
      continue;
    }
    const missed = trouble === undefined ? "NOT FOUND" : `NOT FOUND: ${trouble}`;
    options.progress(`${name}: ${found[0] ?? missed}`);
    if (found.length === 0) hidden.push(`${name}: ${trouble ?? "nobody noticed"}`);
  }
  // All are named; only as many as are too many make the proof fall short.
  const isEnough = hidden.length * ONE_IN <= MUTANTS.length;
  return {
    name: "mutants",
    passed: failures.length === 0 && isEnough,
    figures: {
      "bugs planted": MUTANTS.length,
      "bugs found": MUTANTS.length - hidden.length,
      score: `${(((MUTANTS.length - hidden.length) / MUTANTS.length) * ONE_IN).toFixed(1)} of ${ONE_IN}`,
    },
    failures: [...failures, ...hidden],
  };
}
