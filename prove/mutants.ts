import { availableParallelism } from "node:os";
import {
  findBreachesWith,
  findByTests,
  findInWorldWith,
  findLeaksWith,
  hunt,
} from "./mutant-hunters.ts";
import { MUTANTS } from "./mutant-list.ts";
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
  const untouched = [findBreachesWith([]), findInWorldWith([]), findLeaksWith([]), findByTests([])];
  for (const breach of (await Promise.all(untouched)).flat()) {
    failures.push(`without any planted bug: ${breach}`);
  }
  const hidden: string[] = [];
  const waiting = [...MUTANTS];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const [breach] = await hunt(mutant);
      options.progress(`${mutant.name}: ${breach ?? "NOT FOUND"}`);
      if (breach === undefined) hidden.push(`${mutant.name}: nobody noticed`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
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
