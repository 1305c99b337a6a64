import { BATCH, playAll } from "./batches.ts";
import type { ProofOptions, ProofReport } from "./report.ts";
import type { StreamsResult } from "./streams-thread.ts";

const THREAD = new URL("./streams-thread.ts", import.meta.url);

/** `n` random histories of streams, on all cores; see `playStreams`. */
export async function streams({ n, seed, progress }: ProofOptions): Promise<ProofReport> {
  const total = {
    cuts: 0,
    runs: 0,
    pieces: 0,
    shown: 0,
    done: 0,
    interrupted: 0,
    cancelled: 0,
    cut: 0,
  };
  const failed: StreamsResult["failed"][number][] = [];
  let played = 0;
  for await (const result of playAll<StreamsResult>(THREAD, seed, n)) {
    for (const figures of result.figures) {
      // True because that is what it was made with.
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += figures[name];
    }
    failed.push(...result.failed);
    played += BATCH;
    if (played % 1_000 === 0) progress(`${played} histories, ${failed.length} failed`);
  }
  failed.sort((a, b) => a.seed - b.seed);
  return {
    name: "streams",
    passed: failed.length === 0,
    figures: {
      histories: n,
      "cuts, kills and the like": total.cuts,
      "texts written": total.runs,
      "pieces appended": total.pieces,
      "looks at what is shown": total.shown,
      "cut back after a loss of memory": total.cut,
      "ended: done / interrupted / cancelled": `${total.done} / ${total.interrupted} / ${total.cancelled}`,
      "histories failed": failed.length,
    },
    failures: failed.map(
      ({ seed: failing, what }) => `${what}\n    npm run prove -- streams --n 1 --seed ${failing}`,
    ),
  };
}
