import { Random } from "../random.ts";
import { board, stateOf, update } from "./update-board.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

/** What came of a race. */
export interface UpdateRace {
  readonly failures: readonly string[];
  /** The count on each page. */
  readonly counts: readonly number[];
  /** Frames that the pages have sent. */
  readonly frames: number;
  readonly versions: number;
}

/**
 * Pages that increment the same count by `update`, each so many times, over links of different speed:
 * all of them at once, as fast as they are answered.
 */
export async function updateRace(options: {
  readonly pages: number;
  readonly each: number;
  /** So many are under way on each page at a time. */
  readonly pending: number;
  readonly seed: number;
}): Promise<UpdateRace> {
  const random = new Random(options.seed);
  const world = new UpdateWorld(board, random, options.pages);
  const failures: string[] = [];
  for (const page of world.pages) page.connect();
  await world.rest();
  let frames = 0;
  let open = 0;
  const left = new Map(world.pages.map((page) => [page, options.each]));
  const increment = (page: UpdatePage): void => {
    const count = left.get(page) ?? 0;
    if (count === 0) return;
    left.set(page, count - 1);
    open++;
    void update(page, (draft) => draft.count++)
      .catch((error: unknown) => failures.push(String(error)))
      .then(() => {
        open--;
        increment(page);
      });
  };
  for (const page of world.pages) {
    for (let under = 0; under < options.pending; under++) increment(page);
  }
  while (open > 0 && failures.length + world.reports.length === 0) {
    // Some are slow, and in no order: who is near must not win each time.
    for (const page of world.pages) {
      if (random.chance(0.8) && page.deliverUp()) frames++;
      if (random.chance(0.8)) page.deliverDown();
    }
    await microtasks();
  }
  await world.rest();
  failures.push(...world.reports.map((report) => `reported: ${String(report)}`));
  const counts = world.pages.map((page) => stateOf(page).count);
  const expected = options.pages * options.each;
  for (const count of new Set(counts)) {
    if (count !== expected) failures.push(`a page ends at ${count}, not at ${expected}`);
  }
  return { failures, counts, frames, versions: world.pages[0]?.store.confirmed?.version ?? 0 };
}
