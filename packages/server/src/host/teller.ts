import type { StateTree } from "../state/state-tree.ts";
import type { Audience } from "./audience.ts";
import type { Recap } from "./recap.ts";
import type { News } from "./news.ts";
import type { Upkeep } from "./upkeep.ts";
import { Retelling } from "./view/retelling.ts";
import type { Views } from "./view/views.ts";

/** What a teller works with. */
export interface TellerParts {
  readonly tree: Pick<StateTree, "committed">;
  readonly upkeep: Upkeep;
  readonly audience: Audience;
  readonly recap: Recap;
  readonly views: Views;
  /** Everybody was told of commits. */
  readonly onTold: () => void;
}

/** Tells what is durable, and has the journal looked after once everybody knows. */
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
    const { audience, recap, views } = this.#parts;
    recap.committed(news, (text) => audience.holds(text));
    const commits: string[] = [];
    for (const one of news) if (one.type === "commit") commits.push(one.text);
    audience.tell(news, commits, views.areWhole ? undefined : this.#retell(commits));
    if (commits.length > 0) this.#parts.onTold();
    // Behind the answers, so that nobody waits for it.
    this.#parts.upkeep.told();
    for (const one of news) if (one.type === "after") one.run();
  }

  #retell(commits: readonly string[]): Retelling {
    const { recap, tree, views } = this.#parts;
    return new Retelling(commits, {
      viewOf: (connection) => views.of(connection),
      snapshot: (view) => recap.snapshot(view).text,
      state: () => tree.committed(),
    });
  }
}
