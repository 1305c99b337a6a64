import { BATCH, playAll } from "./batches.ts";
import type { LeaksResult } from "./leaks-thread.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

const THREAD = new URL("./leaks-thread.ts", import.meta.url);
/** A bug breaks many histories; a few of them say enough. */
const MOST_TOLD = 3;

/**
 * `n` random histories of logins, account switches, logouts, offline actions, tabs, devices, kills and
 * evictions, with 128 random bits in all that anybody writes: the real client with its cache, the
 * Worker's way to the objects, real hosts on SQLite. While they run and after each, no byte of
 * anybody's is where it does not belong: on a wire, in a row, in a browser, in a log or an error; and
 * nothing is lost (G12, G15, G22).
 */
export async function leaks({ n, seed, progress }: ProofOptions): Promise<ProofReport> {
  const sums = { canaries: 0, moves: 0, kills: 0, frames: 0 };
  const failed: LeaksResult["failed"][number][] = [];
  let played = 0;
  for await (const result of playAll<LeaksResult>(THREAD, seed, n)) {
    for (const figures of result.figures) {
      for (const key of ["canaries", "moves", "kills", "frames"] as const)
        sums[key] += figures[key];
    }
    failed.push(...result.failed);
    played += BATCH;
    if (played % 1_000 === 0) progress(`${played} histories, ${failed.length} failed`);
  }
  failed.sort((a, b) => a.seed - b.seed);
  const failures = failed.map(({ seed: failing, breaches: [first, ...others] }, index) =>
    [`seed ${failing}: ${first}`, ...(index < MOST_TOLD ? others : [])].join("\n      "),
  );
  return {
    name: "leaks",
    passed: failures.length === 0,
    figures: { histories: n, ...sums, "histories failed": failed.length },
    failures,
  };
}
