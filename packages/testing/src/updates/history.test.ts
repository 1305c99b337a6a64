import { history, type HistoryHandle } from "@holdfast/client";
import { pageEnvironment } from "@holdfast/client/internal/environment";
import { CLIENT_LIMITS } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { board, stateOf, update } from "./update-board.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

interface Remembering {
  readonly page: UpdatePage;
  readonly edit: (recipe: Parameters<typeof update>[1]) => Promise<void>;
  readonly own: HistoryHandle;
}

/** A page that remembers what it updates, on its real store. */
function remembering(page: UpdatePage): Remembering {
  const inside = history.create({
    environment: pageEnvironment,
    limits: CLIENT_LIMITS,
    send: () => undefined,
    getState: () => page.store.getSnapshot().state,
    update: (recipe) => page.store.update(recipe),
    hold: () => () => undefined,
  });
  const open = (): typeof inside => inside;
  const own = history.handle(open, open, page.store);
  own.subscribe(() => undefined);
  // True because the module's state is a board.
  return { page, own, edit: (recipe) => inside.update(recipe as (draft: never) => unknown) };
}

async function two(): Promise<{ world: UpdateWorld; ann: Remembering; ben: UpdatePage }> {
  const world = new UpdateWorld(board, new Random(5), 2);
  const [first, ben] = world.pages as [UpdatePage, UpdatePage];
  for (const page of world.pages) page.connect();
  await world.rest();
  return { world, ann: remembering(first), ben };
}

describe("undo and redo", () => {
  test("[G7] undo takes back one's own change and nothing of the others', redo brings it back", async () => {
    const { world, ann, ben } = await two();
    void ann.edit((draft) => void draft.items.push({ id: 50, marks: ["ann"] }));
    void ann.edit((draft) => void (draft.text = "hello"));
    void update(ben, (draft) => void draft.items.unshift({ id: 60, marks: [] }));
    void update(ben, (draft) => void draft.count++);
    await world.rest();
    expect(ann.own.getSnapshot()).toEqual({ canUndo: true, canRedo: false });
    const undone = [ann.own.undo(), ann.own.undo()];
    expect(stateOf(ann.page)).toMatchObject({ text: "" });
    await world.rest();
    expect(await Promise.all(undone)).toEqual([[], []]);
    for (const page of world.pages) {
      expect(stateOf(page)).toMatchObject({ text: "", count: 1 });
      expect(stateOf(page).items.map(({ id }) => id)).toEqual([60, 0, 1, 2, 3, 4, 5]);
    }
    expect(ann.own.getSnapshot()).toEqual({ canUndo: false, canRedo: true });
    void ann.own.redo();
    void ann.own.redo();
    await world.rest();
    for (const page of world.pages) {
      expect(stateOf(page).text).toBe("hello");
      expect(stateOf(page).items.find(({ id }) => id === 50)).toEqual({ id: 50, marks: ["ann"] });
    }
    expect(world.reports).toEqual([]);
  });

  test("[G8] what others change while the undo is on its way stays, and is said to", async () => {
    const { world, ann, ben } = await two();
    void ann.edit((draft) => void draft.items[0]?.marks.push("0:ann"));
    void ann.edit((draft) => void (draft.text = "ann"));
    await world.rest();
    // Ben's is at the server first: Ann's undo is stale, and runs again on what Ben has made.
    void update(ben, (draft) => void (draft.text = "ben"));
    const text = ann.own.undo();
    expect(stateOf(ann.page).text).toBe("");
    await microtasks();
    while (ben.deliverUp()) await microtasks();
    await world.rest();
    expect(await text).toEqual([["text"]]);
    for (const page of world.pages) expect(stateOf(page).text).toBe("ben");
    const marks = ann.own.undo();
    await world.rest();
    expect(await marks).toEqual([]);
    for (const page of world.pages) expect(stateOf(page).items[0]?.marks).toEqual([]);
    expect(world.reports).toEqual([]);
  });

  test("[G8] what an update has made when it ran last is what is undone, not what it made at first", async () => {
    const { world, ann, ben } = await two();
    void ann.edit((draft) => void (draft.text += ", ann"));
    void update(ben, (draft) => void (draft.text = "ben"));
    expect(stateOf(ann.page).text).toBe(", ann");
    // Ben's is at the server first: Ann's runs again on what Ben has made.
    await microtasks();
    while (ben.deliverUp()) await microtasks();
    await world.rest();
    for (const page of world.pages) expect(stateOf(page).text).toBe("ben, ann");
    const undone = ann.own.undo();
    await world.rest();
    expect(await undone).toEqual([]);
    for (const page of world.pages) expect(stateOf(page).text).toBe("ben");
    expect(world.reports).toEqual([]);
  });

  test("remembers a hundred updates, forgets what is redone once something new is done, and forgets on demand", async () => {
    const { world, ann } = await two();
    for (let index = 0; index < 105; index++) void ann.edit((draft) => void draft.count++);
    await world.rest();
    expect(await ann.own.redo()).toEqual([]);
    for (let index = 0; index < 105; index++) void ann.own.undo();
    await world.rest();
    expect(stateOf(ann.page).count).toBe(5);
    void ann.edit((draft) => void (draft.text = "new"));
    expect(ann.own.getSnapshot()).toEqual({ canUndo: true, canRedo: false });
    void ann.edit(() => undefined);
    ann.own.clear();
    expect(ann.own.getSnapshot()).toEqual({ canUndo: false, canRedo: false });
    expect(await ann.own.undo()).toEqual([]);
    await world.rest();
    expect(stateOf(ann.page).text).toBe("new");
  });
});
