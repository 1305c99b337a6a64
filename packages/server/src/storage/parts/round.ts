import type { Run } from "./part-node.ts";
import type { PartTree } from "./part-tree.ts";
import type { PartText } from "./take-parts.ts";

/**
 * A checkpoint under way: the state as of the version that it began at, put a few parts at a time.
 * Its rows count once all of them are put; those of the checkpoint before stay as they are until then.
 */
export class Round {
  readonly number: number;
  /** The part that the state begins with. */
  readonly root: number;
  /** Put: each has a row that does not count yet. */
  readonly put: Run[] = [];
  /** Parts that the state did not have any more when the round began, or that it joined to others. */
  readonly gone: Run[];
  #held: PartText[] = [];
  #heldLength = 0;

  constructor(number: number, root: number, gone: Run[]) {
    this.number = number;
    this.root = root;
    this.gone = gone;
  }

  /** Taken, and not put yet. */
  get held(): readonly PartText[] {
    return this.#held;
  }

  /** Characters of those. */
  get heldLength(): number {
    return this.#heldLength;
  }

  hold(part: PartText, absorbed: readonly Run[]): void {
    this.#held.push(part);
    this.#heldLength += part.text.length;
    this.gone.push(...absorbed);
  }

  /** What was held is put, in these slots. */
  placed(slots: readonly number[]): void {
    for (const [index, { run, text }] of this.#held.entries()) {
      // True because each was put in one.
      run.fresh = { slot: slots[index] as number, size: text.length };
      this.put.push(run);
    }
    this.#held = [];
    this.#heldLength = 0;
  }

  /** Everything that it took is dirty again, and what was gone is still to be let go of. */
  abandon(tree: PartTree): void {
    for (const { run } of this.#held) if (!run.gone) tree.soil(run);
    for (const run of this.put) {
      run.fresh = undefined;
      if (!run.gone) tree.soil(run);
    }
    tree.abandon();
    tree.dropped.unshift(...this.gone);
  }
}
