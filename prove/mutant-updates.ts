import { undoHistory } from "@holdfast/testing/updates/undo-history";
import { updateHistory } from "@holdfast/testing/updates/update-history";

/** Plays histories of updates, undo and predicted times until something is wrong, and says what. */
export async function findInUpdates(most: number): Promise<string[]> {
  for (let seed = 1; seed <= most; seed++) {
    for (const play of [updateHistory, undoHistory]) {
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
