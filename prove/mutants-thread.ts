import { parentPort } from "node:worker_threads";
import type { Batch } from "./batches.ts";
import { hunt } from "./mutant-hunters.ts";
import { HUNTS } from "./mutant-list.ts";
import type { Mutant } from "./mutant.ts";

export interface Hunted {
  readonly name: string;
  /** Nothing is planted: nothing may be found. */
  readonly isUntouched: boolean;
  readonly found: readonly string[];
  /** Why it was not hunted to the end. */
  readonly trouble?: string;
}

// A batch is of one: its number in the list.
parentPort?.on("message", ({ from }: Batch) => {
  const mutant = HUNTS[from];
  if (!mutant) throw new Error(`There is no hunt ${from}.`);
  void hunted(mutant).then((result) => parentPort?.postMessage(result));
});

async function hunted(mutant: Mutant): Promise<Hunted> {
  const about = { name: mutant.name, isUntouched: mutant.edits.length === 0 };
  try {
    return { ...about, found: await hunt(mutant) };
  } catch (error) {
    return { ...about, found: [], trouble: String(error) };
  }
}
