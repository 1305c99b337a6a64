import { boardPlay } from "@holdfast/testing/updates/board-play";
import { lockersPlay } from "@holdfast/testing/updates/lockers-play";
import { undoHistory } from "@holdfast/testing/updates/undo-history";
import { updateHistory } from "@holdfast/testing/updates/update-history";

const PLAYS: readonly ((seed: number) => Promise<string[]>)[] = [
  (seed) => updateHistory(seed, boardPlay),
  (seed) => updateHistory(seed, lockersPlay),
  undoHistory,
];

/** Plays histories of updates, undo and predicted times until something is wrong, and says what. */
export async function findInUpdates(most: number): Promise<string[]> {
  for (let seed = 1; seed <= most; seed++) {
    for (const play of PLAYS) {
      try {
        const failures = await play(seed);
        if (failures.length > 0) return failures;
      } catch (error) {
        return [`seed ${seed}: ${String(error)}`];
      }
    }
  }
  return [];
}
