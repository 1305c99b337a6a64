import type { StateTree } from "../state/state-tree.ts";
import type { Journal } from "../storage/journal.ts";
import type { Audience } from "./audience.ts";
import type { Greeter } from "./greeter.ts";
import type { News } from "./news.ts";
import type { Platform } from "./platform.ts";

/** What a teller works with. */
export interface TellerParts {
  readonly tree: StateTree;
  readonly journal: Journal;
  readonly audience: Audience;
  readonly greeter: Greeter;
  readonly platform: Platform;
}

/** Tells what is durable, and looks after the journal once everybody knows. */
export class Teller {
  readonly #parts: TellerParts;
  /** What there is to tell while a frame is taken in. */
  #collected: News[] | undefined;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  /** Tells together what `work` brings at once, and what it returns behind that. */
  together(work: () => readonly News[]): void {
    const collected: News[] = (this.#collected = []);
    const last = work();
    this.#collected = undefined;
    for (const one of last) collected.push(one);
    this.tell(collected);
  }

  /** Commits go to everybody, answers to whom they concern; one frame for each. */
  tell(news: readonly News[]): void {
    if (this.#collected) {
      for (const one of news) this.#collected.push(one);
      return;
    }
    const { audience, greeter } = this.#parts;
    greeter.committed(news);
    audience.tell(news);
    // Behind the answers, so that nobody waits for it; its failure concerns no action.
    this.#checkpoint();
  }

  #checkpoint(): void {
    const { journal, tree, platform } = this.#parts;
    if (!journal.checkpointDue()) return;
    try {
      journal.checkpoint(tree.committed());
    } catch (error) {
      platform.report(error, "A checkpoint failed; it is tried again with the next commit");
    }
  }
}
