import { isDeepStrictEqual } from "node:util";
import { Random } from "../random.ts";
import { board, REDUCERS, stateOf, update } from "./update-board.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

/**
 * A random history of pages that update one state, over links that are slow and drop, on a server that
 * hibernates.
 *
 * @returns what was lost, doubled or put in the wrong place
 */
export async function updateHistory(seed: number): Promise<string[]> {
  const failures = new Set<string>();
  const check = (holds: boolean, what: string): void => {
    if (!holds) failures.add(`seed ${seed}: ${what}`);
  };
  const random = new Random(seed);
  const world = new UpdateWorld(board, random.fork(), random.between(2, 4));
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
      for (let time = 0; time < times; time++) act(page, random.weighted(WEIGHTS), ledger, random);
    } else if (random.chance(links.drop)) page.drop();
    else if (random.chance(links.hibernate)) world.hibernate();
    else if (random.chance(0.1)) page.connect();
    else if (random.chance(0.05)) world.tick(random.between(1, 1_500));
    else if (random.chance(0.5)) page.deliverUp();
    else page.deliverDown();
    if (random.chance(0.7)) await microtasks();
    const ids = stateOf(page).items.map(({ id }) => id);
    check(new Set(ids).size === ids.length, "an item is shown twice");
    for (const { id, marks } of stateOf(page).items) {
      check(
        marks.every((mark) => mark.startsWith(`${id}:`)),
        "a mark is at the wrong item",
      );
    }
  }
  await world.rest();
  await microtasks();
  for (const report of world.reports) check(false, `reported: ${String(report)}`);
  const [first, ...others] = pages.map(stateOf);
  if (!first) return [...failures];
  const server = pages[0]?.store.confirmed?.state;
  check(isDeepStrictEqual(first, server), "what is shown is not what the server has");
  for (const other of others) check(isDeepStrictEqual(other, first), "two pages differ");
  check(ledger.done === ledger.asked, `${ledger.asked - ledger.done} are without an answer`);
  for (const refusal of ledger.refused) check(false, `refused: ${refusal}`);
  check(first.count === ledger.counted, `the count is ${first.count}, not ${ledger.counted}`);
  const texts = first.text.match(/<\d+>/g)?.sort() ?? [];
  check(isDeepStrictEqual(texts, ledger.texts.sort()), "a text is lost, or came twice");
  for (const { id, marks } of first.items) {
    const expected = ledger.marks.filter((one) => one.id === id).map(({ mark }) => mark);
    check(isDeepStrictEqual([...marks].sort(), expected.sort()), `the marks of ${id} are wrong`);
  }
  for (const [id, now] of ledger.stamps) {
    check(first.stamps[id] === now, `what was shown at ${now} came to be at ${first.stamps[id]}`);
  }
  return [...failures];
}

/** What one page did, as the outcome has to show it. */
class Ledger {
  counted = 0;
  texts: string[] = [];
  readonly marks: { readonly id: number; readonly mark: string }[] = [];
  readonly refused: string[] = [];
  /** What each page was told that the time is, and has shown. */
  readonly stamps = new Map<string, number>();
  ids = 100;
  done = 0;
  asked = 0;

  settle(promise: Promise<unknown>, onDone: () => void): void {
    this.asked++;
    promise.then(
      () => {
        this.done++;
        onDone();
      },
      ({ code, message }: { code: string; message: string }) => {
        this.done++;
        this.refused.push(`${code}: ${message}`);
      },
    );
  }
}

function act(page: UpdatePage, name: string, ledger: Ledger, random: Random): void {
  const state = stateOf(page);
  const { items } = state;
  const item = items.length > 0 ? random.pick(items) : undefined;
  switch (name) {
    case "count":
      ledger.settle(
        update(page, (draft) => draft.count++),
        () => ledger.counted++,
      );
      break;
    case "write": {
      const text = `<${ledger.ids++}>`;
      ledger.settle(
        update(page, (draft) => (draft.text += text)),
        () => ledger.texts.push(text),
      );
      break;
    }
    case "mark": {
      if (!item) break;
      const { id } = item;
      const mark = `${id}:${ledger.ids++}`;
      ledger.settle(
        update(page, (draft) => draft.items.find((one) => one.id === id)?.marks.push(mark)),
        () => ledger.marks.push({ id, mark }),
      );
      break;
    }
    case "add": {
      const id = ledger.ids++;
      const at = random.between(0, items.length);
      ledger.settle(
        update(page, (draft) => void draft.items.splice(at, 0, { id, marks: [] })),
        () => undefined,
      );
      break;
    }
    case "remove": {
      if (!item) break;
      const { id } = item;
      ledger.settle(
        update(page, (draft) => {
          draft.items = draft.items.filter((one) => one.id !== id);
        }),
        () => undefined,
      );
      break;
    }
    case "move":
      ledger.settle(
        update(page, (draft) => void draft.items.reverse()),
        () => undefined,
      );
      break;
    case "stamp": {
      const id = ledger.ids++;
      ledger.settle(page.store.dispatch("stamp", id, REDUCERS["stamp"]?.[0]), () => undefined);
      ledger.stamps.set(`${id}`, stateOf(page).stamps[`${id}`] ?? 0);
      break;
    }
    default: {
      const payload = ledger.ids++;
      const counts = name === "increment" || name === "slow";
      ledger.settle(
        page.store.dispatch(name, payload, random.pick(REDUCERS[name] ?? [undefined])),
        () => (ledger.counted += counts ? 1 : 0),
      );
    }
  }
}

const WEIGHTS = {
  count: 4,
  write: 2,
  mark: 8,
  add: 4,
  remove: 2,
  move: 1,
  increment: 2,
  shift: 2,
  insert: 2,
  slow: 1,
  stamp: 2,
};
