import { LeaksHistory } from "./leaks/history.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/** A bug breaks many histories; a few of them say enough. */
const MOST_TOLD = 3;

/**
 * `n` random histories of logins, account switches, logouts, offline actions, tabs, devices, kills and
 * evictions, with 128 random bits in all that anybody writes: the real client with its cache, the
 * Worker's way to the objects, real hosts on SQLite. While they run and after each, no byte of
 * anybody's is where it does not belong (G15, G22), and nothing is lost (G22).
 */
export async function leaks({ n, seed, progress }: ProofOptions): Promise<ProofReport> {
  const sums = { canaries: 0, moves: 0, kills: 0, frames: 0 };
  const failures: string[] = [];
  let failed = 0;
  for (let index = 0; index < n; index++) {
    const { breaches, transcript, figures } = await LeaksHistory.play(seed + index);
    for (const key of ["canaries", "moves", "kills", "frames"] as const) sums[key] += figures[key];
    if (breaches.length > 0 && ++failed <= MOST_TOLD) {
      failures.push(
        [`seed ${seed + index}: ${breaches[0]}`, ...transcript.map((line) => `    ${line}`)].join("\n"),
      );
    } else if (breaches.length > 0) failures.push(`seed ${seed + index}: ${breaches[0]}`);
    if ((index + 1) % 1_000 === 0) progress(`${index + 1} histories, ${failed} failed`);
  }
  return {
    name: "leaks",
    passed: failures.length === 0,
    figures: { histories: n, ...sums, "histories failed": failed },
    failures,
  };
}
