import { app, durableObjectStore, global } from "@holdfast/server";
import type { Reducer } from "@holdfast/client/internal/store/prediction";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

interface Item {
  id: number;
  /** Who has changed it, and by which of their changes. */
  marks: string[];
}

interface Board {
  count: number;
  text: string;
  items: Item[];
}

const FIRST = Array.from({ length: 6 }, (_, id): Item => ({ id, marks: [] }));

const board = app
  .defineState<Board>({ count: 0, text: "", items: FIRST })
  .persist(durableObjectStore(global()))
  .clientWrites(true)
  .onAction("increment", ({ state }) => void (state.count += 1))
  .onAction("shift", ({ state }) => void state.items.shift())
  .onAction("insert", ({ state }, id: number) => {
    state.items.splice(id % (state.items.length + 1), 0, { id, marks: [] });
  })
  .onAction("slow", async ({ state, commit }, id: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    state.items.unshift({ id, marks: [] });
    await commit();
    await new Promise((resolve) => setImmediate(resolve));
    state.count += 1;
  })
  .build();

/** Right, wrong, and in the wrong place. True because the state is a board. */
const REDUCERS: Readonly<Record<string, readonly (Reducer | undefined)[]>> = {
  increment: [((draft: Board) => void draft.count++) as Reducer, undefined],
  shift: [
    ((draft: Board) => void draft.items.shift()) as Reducer,
    ((draft: Board) => void draft.items.pop()) as Reducer,
    undefined,
  ],
  insert: [
    ((draft: Board, id: number) => void draft.items.unshift({ id, marks: [] })) as Reducer,
    undefined,
  ],
  slow: [
    ((draft: Board, id: number) => void draft.items.unshift({ id, marks: [] })) as Reducer,
    undefined,
  ],
};

function stateOf(page: UpdatePage): Board {
  // True because the module's state is a board.
  return page.store.getSnapshot().state as unknown as Board;
}

function update(page: UpdatePage, recipe: (draft: Board) => unknown): Promise<void> {
  // True because the module's state is a board.
  return page.store.update(recipe as (draft: never) => unknown);
}

/** What one page did, as the outcome has to show it. */
class Ledger {
  counted = 0;
  texts: string[] = [];
  readonly marks: { readonly id: number; readonly mark: string }[] = [];
  readonly refused: string[] = [];
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
};

async function history(seed: number): Promise<void> {
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
    expect(new Set(ids).size, "an item is shown twice").toBe(ids.length);
    for (const { id, marks } of stateOf(page).items) {
      expect(
        marks.every((mark) => mark.startsWith(`${id}:`)),
        "a mark at the wrong item",
      ).toBe(true);
    }
  }
  await world.rest();
  await microtasks();
  expect(world.reports).toEqual([]);
  const [first, ...others] = pages.map(stateOf);
  for (const other of others) expect(other).toEqual(first);
  expect(first).toEqual(pages[0]?.store.confirmed?.state);
  if (!first) return;
  expect(ledger.done).toBe(ledger.asked);
  expect(ledger.refused).toEqual([]);
  expect(first.count).toBe(ledger.counted);
  // Every text once: nobody's was lost, none came twice.
  expect(first.text.match(/<\d+>/g)?.sort() ?? []).toEqual(ledger.texts.sort());
  for (const { id, marks } of first.items) {
    expect(new Set(marks).size).toBe(marks.length);
    const expected = ledger.marks.filter((one) => one.id === id).map(({ mark }) => mark);
    expect([...marks].sort()).toEqual(expected.sort());
  }
}

const HISTORIES = Number(process.env["UPDATE_HISTORIES"] ?? 150);
const SEED = Number(process.env["UPDATE_SEED"] ?? 1);
const PER_TEST = 50;

describe("updates of several pages", () => {
  test.each(
    Array.from({ length: Math.ceil(HISTORIES / PER_TEST) }, (_, index) => SEED + index * PER_TEST),
  )(
    "[G2] [G6] [G7] [G8] lose nothing and never hit the wrong item, in the histories from seed %i on",
    { timeout: 600_000 },
    async (first) => {
      for (let seed = first; seed < first + PER_TEST; seed++) {
        try {
          await history(seed);
        } catch (cause) {
          throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
        }
      }
    },
  );

  test(
    "[G2] [G7] ten pages that increment a thousand times each end at ten thousand",
    { timeout: 300_000 },
    async () => {
      const random = new Random(7);
      const world = new UpdateWorld(board, random, 10);
      for (const page of world.pages) page.connect();
      await world.rest();
      let rounds = 0;
      const left = new Map(world.pages.map((page) => [page, 1_000]));
      const open = new Set<UpdatePage>();
      const increment = (page: UpdatePage): void => {
        const count = left.get(page) ?? 0;
        if (count === 0) return void open.delete(page);
        open.add(page);
        left.set(page, count - 1);
        update(page, (draft) => draft.count++).then(
          () => increment(page),
          (error: unknown) => world.reports.push(error),
        );
      };
      for (const page of world.pages) increment(page);
      while (open.size > 0 && world.reports.length === 0) {
        // Some are slow, and in no order: who is near must not win each time.
        for (const page of world.pages) {
          if (random.chance(0.8) && page.deliverUp()) rounds++;
          if (random.chance(0.8)) page.deliverDown();
        }
        await microtasks();
      }
      await world.rest();
      expect(world.reports).toEqual([]);
      for (const page of world.pages) expect(stateOf(page).count).toBe(10_000);
      expect(rounds).toBeGreaterThan(10_000);
    },
  );

  test("[G21] a storm of updates becomes a few patches", async () => {
    const world = new UpdateWorld(board, new Random(3), 1);
    const [page] = world.pages as [UpdatePage];
    page.connect();
    await world.rest();
    const updates = Array.from({ length: 1_000 }, () => update(page, (draft) => draft.count++));
    await microtasks();
    const version = page.store.confirmed?.version ?? 0;
    await world.rest();
    await Promise.all(updates);
    expect(stateOf(page).count).toBe(1_000);
    expect((page.store.confirmed?.version ?? 0) - version).toBeLessThan(5);
  });
});
