import { parentPort } from "node:worker_threads";
import type { Batch } from "./batches.ts";
import { drawScript, play, type Played } from "@holdfast/testing/world";

export interface BatchResult {
  readonly figures: readonly Played["figures"][];
  /** Of each failing seed, the first thing that was wrong. */
  readonly failed: readonly { readonly seed: number; readonly what: string }[];
}

parentPort?.on("message", (batch: Batch) => {
  void playBatch(batch).then((result) => parentPort?.postMessage(result));
});

async function playBatch({ from, count }: Batch): Promise<BatchResult> {
  const figures: Played["figures"][] = [];
  const failed: { seed: number; what: string }[] = [];
  for (let seed = from; seed < from + count; seed++) {
    try {
      const played = await play(drawScript(seed));
      figures.push(played.figures);
      if (played.breach) failed.push({ seed, what: played.breach.what });
    } catch (error) {
      failed.push({ seed, what: error instanceof Error ? String(error.stack) : String(error) });
    }
  }
  return { figures, failed };
}
