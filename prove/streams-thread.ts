import { parentPort } from "node:worker_threads";
import type { Batch } from "./batches.ts";
import { playStreams, type StreamsFigures } from "./streams-history.ts";

export interface StreamsResult {
  readonly figures: readonly StreamsFigures[];
  /** Of each failing seed, what was wrong. */
  readonly failed: readonly { readonly seed: number; readonly what: string }[];
}

parentPort?.on("message", (batch: Batch) => {
  void playBatch(batch).then((result) => parentPort?.postMessage(result));
});

async function playBatch({ from, count }: Batch): Promise<StreamsResult> {
  const figures: StreamsFigures[] = [];
  const failed: { seed: number; what: string }[] = [];
  for (let seed = from; seed < from + count; seed++) {
    try {
      figures.push(await playStreams(seed));
    } catch (error) {
      failed.push({ seed, what: error instanceof Error ? String(error.stack) : String(error) });
    }
  }
  return { figures, failed };
}
