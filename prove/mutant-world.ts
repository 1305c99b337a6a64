import { parentPort, workerData } from "node:worker_threads";
import { drawScript, play } from "@holdfast/testing/world";

/** What a thread with a bug planted in it is asked. */
export interface WorldHunt {
  readonly seed: number;
  /** So many histories at most. */
  readonly most: number;
}

/** Plays histories until one breaks a guarantee, and says which; nothing when none does. */
async function findInWorld({ seed, most }: WorldHunt): Promise<string[]> {
  for (let index = 0; index < most; index++) {
    try {
      const { breach } = await play(drawScript(seed + index));
      parentPort?.postMessage("alive");
      if (breach) return [`history ${index + 1}: ${breach.what.slice(0, 200)}`];
    } catch (error) {
      return [`history ${index + 1}: ${String(error)}`];
    }
  }
  return [];
}

// `mutants.ts` starts this file with nothing else.
parentPort?.postMessage(await findInWorld(workerData as WorldHunt));
