import { parentPort, workerData } from "node:worker_threads";
import { LeaksHistory } from "./leaks/history.ts";
import type { WorldHunt } from "./mutant-world.ts";

/** Plays histories until something leaks or is lost, and says what; nothing when nothing is. */
async function findLeaks({ seed, most }: WorldHunt): Promise<string[]> {
  for (let index = 0; index < most; index++) {
    try {
      const { breaches } = await LeaksHistory.play(seed + index);
      parentPort?.postMessage("alive");
      if (breaches.length > 0) return [`history ${index + 1}: ${breaches[0]}`];
    } catch (error) {
      return [`history ${index + 1}: ${String(error)}`];
    }
  }
  return [];
}

// `mutant-hunters.ts` starts this file with nothing else.
parentPort?.postMessage(await findLeaks(workerData as WorldHunt));
