import { isDeepStrictEqual } from "node:util";
import { Random } from "../random.ts";
import { Ledger } from "./update-ledger.ts";
import type { UpdatePlay } from "./update-play.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

/**
 * A random history of pages that update one state, over links that are slow and drop, on a server that
 * hibernates.
 *
 * @returns what was lost, doubled or put in the wrong place
 */
export async function updateHistory(seed: number, play: UpdatePlay): Promise<string[]> {
  const failures = new Set<string>();
  const check = (holds: boolean, what: string): void => {
    if (!holds) failures.add(`seed ${seed}: ${what}`);
  };
  const random = new Random(seed);
  const world = new UpdateWorld(play.module, random.fork(), random.between(2, 4));
  const { pages } = world;
  const ledger = new Ledger();
  for (const page of pages) page.connect();
  await world.rest();
  const links = { drop: random.chance(0.5) ? 0.04 : 0, hibernate: random.chance(0.5) ? 0.02 : 0 };
  const isBursty = random.chance(0.3);
  for (let step = 0; step < 120; step++) {
    const page = random.pick(pages);
    if (random.chance(0.3)) {
      const times = isBursty ? random.between(1, 6) : 1;
      for (let time = 0; time < times; time++) play.act(page, ledger, random);
    } else if (random.chance(links.drop)) page.drop();
    else if (random.chance(links.hibernate)) world.hibernate();
    else if (random.chance(0.1)) page.connect();
    else if (random.chance(0.05)) world.tick(random.between(1, 1_500));
    else if (random.chance(0.5)) page.deliverUp();
    else page.deliverDown();
    if (random.chance(0.7)) await microtasks();
    const shown = play.shown(page);
    check(new Set(shown.map(({ id }) => id)).size === shown.length, "an item is shown twice");
    for (const { id, marks } of shown) {
      check(
        marks.every((mark) => mark.startsWith(`${id}:`)),
        "a mark is at the wrong item",
      );
    }
  }
  await world.rest();
  await microtasks();
  for (const report of world.reports) check(false, `reported: ${String(report)}`);
  const [first, ...others] = pages;
  if (!first) return [...failures];
  const state = stateOf(first);
  const confirmed = first.store.confirmed?.state;
  check(isDeepStrictEqual(state, confirmed), "what is shown is not what the server has");
  for (const other of others) check(isDeepStrictEqual(stateOf(other), state), "two pages differ");
  check(ledger.done === ledger.asked, `${ledger.asked - ledger.done} are without an answer`);
  for (const refusal of ledger.refused) check(false, `refused: ${refusal}`);
  for (const { id, marks } of play.shown(first)) {
    const expected = ledger.marks.filter((one) => one.id === id).map(({ mark }) => mark);
    check(isDeepStrictEqual([...marks].sort(), expected.sort()), `the marks of ${id} are wrong`);
  }
  for (const failure of play.verdict(first, ledger)) check(false, failure);
  return [...failures];
}

function stateOf(page: UpdatePage): unknown {
  return page.store.getSnapshot().state;
}
