import { parentPort } from "node:worker_threads";
import type { Batch } from "./batches.ts";
import { LeaksHistory, type LeaksPlayed } from "./leaks/history.ts";

export interface LeaksResult {
  readonly figures: readonly LeaksPlayed["figures"][];
  readonly failed: readonly { readonly seed: number; readonly breaches: readonly string[] }[];
}

parentPort?.on("message", (batch: Batch) => {
  void playBatch(batch).then((result) => parentPort?.postMessage(result));
});

async function playBatch({ from, count }: Batch): Promise<LeaksResult> {
  const figures: LeaksPlayed["figures"][] = [];
  const failed: { seed: number; breaches: readonly string[] }[] = [];
  for (let seed = from; seed < from + count; seed++) {
    try {
      const played = await LeaksHistory.play(seed);
      figures.push(played.figures);
      const { breaches, transcript } = played;
      if (breaches.length > 0) failed.push({ seed, breaches: [...breaches, ...transcript] });
    } catch (error) {
      failed.push({
        seed,
        breaches: [error instanceof Error ? String(error.stack) : String(error)],
      });
    }
  }
  return { figures, failed };
}
