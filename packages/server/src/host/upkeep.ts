import type { StateTree } from "../state/state-tree.ts";
import type { Journal } from "../storage/journal.ts";
import type { Platform } from "./platform.ts";

/** When nothing was committed for so long, nobody waits. */
const LULL_MS = 1_000;
/** Between two pieces, whatever has come meanwhile has its turn. */
const PAUSE_MS = 5;

export interface UpkeepParts {
  readonly journal: Journal;
  readonly tree: Pick<StateTree, "committed">;
  readonly platform: Platform;
  /** Something in memory is not stored. */
  readonly isBehind: () => boolean;
  /** Nothing may be written any more. */
  readonly isRetired: () => boolean;
}

/**
 * Looks after the journal: a little behind each commit, and more in a lull, so that what was committed
 * is in the checkpoint before the instance hibernates, and its next wake has little to replay. A failure
 * concerns no action: what was not written is still due.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  #awaitsLull = false;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Everybody knows what was committed. */
  told(): void {
    const { journal, tree } = this.#parts;
    if (journal.checkpointDue()) this.#try(() => journal.checkpoint(tree.committed()));
    // While commits keep coming, one clock a second is set.
    if (!this.#awaitsLull && journal.mayUseLull) this.#awaitLull(LULL_MS);
  }

  #awaitLull(ms: number): void {
    const { journal, platform, isRetired } = this.#parts;
    const { version } = journal;
    this.#awaitsLull = true;
    platform.after(ms, () => {
      this.#awaitsLull = false;
      if (isRetired()) return;
      if (journal.version === version) this.#useLull();
      else this.#awaitLull(LULL_MS);
    });
  }

  #useLull(): void {
    const { journal, tree } = this.#parts;
    this.#try(() => {
      if (journal.useLull(tree.committed())) this.#awaitLull(PAUSE_MS);
    });
  }

  #try(work: () => void): void {
    const { platform, isBehind } = this.#parts;
    if (isBehind()) return;
    try {
      work();
    } catch (error) {
      platform.report(error, "A checkpoint failed; it is tried again with the next commit");
    }
  }
}
