import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { board, stateOf, update } from "./update-board.ts";
import { boardPlay } from "./board-play.ts";
import { lockersPlay } from "./lockers-play.ts";
import { undoHistory } from "./undo-history.ts";
import { updateHistory } from "./update-history.ts";
import { updateRace } from "./update-race.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

const HISTORIES = Number(process.env["UPDATE_HISTORIES"] ?? 150);
const SEED = Number(process.env["UPDATE_SEED"] ?? 1);
const PER_TEST = 50;

describe("updates of several pages", () => {
  describe.each([
    { name: "on a board", play: boardPlay },
    { name: "on lockers", play: lockersPlay },
  ])("$name", ({ play }) => {
    test.each(
      Array.from({ length: Math.ceil(HISTORIES / PER_TEST) }, (_, at) => SEED + at * PER_TEST),
    )(
      "[G2] [G6] [G7] [G8] lose nothing and never hit the wrong item, in the histories from seed %i on",
      { timeout: 600_000 },
      async (first) => {
        for (let seed = first; seed < first + PER_TEST; seed++) {
          expect(await updateHistory(seed, play)).toEqual([]);
        }
      },
    );
  });

  test.each(
    Array.from({ length: Math.ceil(HISTORIES / PER_TEST) }, (_, index) => SEED + index * PER_TEST),
  )(
    "[G7] [G8] take back and bring back just what is their own, in the histories from seed %i on",
    { timeout: 600_000 },
    async (first) => {
      for (let seed = first; seed < first + PER_TEST; seed++) {
        expect(await undoHistory(seed)).toEqual([]);
      }
    },
  );

  test.each([1, 8])(
    "[G2] [G7] ten pages that increment a hundred times each end at a thousand, with %i under way on each",
    { timeout: 300_000 },
    async (pending) => {
      const race = await updateRace({ pages: 10, each: 100, pending, seed: 7 });
      expect(race.failures).toEqual([]);
      expect(race.counts).toEqual(Array.from({ length: 10 }, () => 1_000));
      // They met: who had to make its patch again has sent it again.
      if (pending === 1) expect(race.frames).toBeGreaterThan(1_000);
    },
  );

  // Seed 752244006 of `prove -- updates`, made short: patches that are made again and come out the same
  // stand for others all the same, and so do the indices behind them.
  test("[G8] a mark stays on its item when what shifts the list in front of it is made again", async () => {
    const world = new UpdateWorld(board, new Random(5), 2);
    const [ann, ben] = world.pages as [UpdatePage, UpdatePage];
    for (const page of world.pages) page.connect();
    await world.rest();
    void update(ann, (draft) => {
      draft.items = draft.items.filter(({ id }) => id !== 1);
    });
    // Sent: the next one is not merged with it.
    await microtasks();
    void update(ann, (draft) => void draft.items.find(({ id }) => id === 3)?.marks.push("ann"));
    void ben.store.dispatch("insert", 101, undefined);
    await microtasks();
    while (ben.deliverUp()) continue;
    while (ann.deliverDown()) continue;
    const shown = [
      [0, []],
      [2, []],
      [101, []],
      [3, ["ann"]],
      [4, []],
      [5, []],
    ];
    expect(stateOf(ann).items.map(({ id, marks }) => [id, marks])).toEqual(shown);
    await world.rest();
    expect(stateOf(ben).items.map(({ id, marks }) => [id, marks])).toEqual(shown);
  });

  // Seed 5002544: one item exchanged for another comes as a change of its fields.
  test("[G8] a mark is not shown at what others have put in place of its item", async () => {
    const world = new UpdateWorld(board, new Random(5), 2);
    const [ann, ben] = world.pages as [UpdatePage, UpdatePage];
    for (const page of world.pages) page.connect();
    await world.rest();
    void update(ann, (draft) => void draft.items.find(({ id }) => id === 3)?.marks.push("ann"));
    void update(ben, (draft) => void draft.items.splice(3, 1, { id: 50, marks: [] }));
    await microtasks();
    while (ben.deliverUp()) continue;
    while (ann.deliverDown()) continue;
    expect(stateOf(ann).items[3]).toEqual({ id: 50, marks: [] });
    await world.rest();
    expect(stateOf(ann).items[3]).toEqual({ id: 50, marks: [] });
  });

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
