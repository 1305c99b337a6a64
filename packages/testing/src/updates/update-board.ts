import type { Reducer } from "@holdfast/client/internal/store/prediction";
import { app, durableObjectStore, global, type ModuleDefinition } from "@holdfast/server";
import type { UpdatePage } from "./update-world.ts";

/** One of a list; whoever changes it leaves a mark that names it. */
export interface Item {
  id: number;
  /** Who has changed it, and by which of their changes. */
  marks: string[];
}

/** The state that pages update together. */
export interface Board {
  count: number;
  text: string;
  items: Item[];
  /** When each was stamped, as its page was told. */
  stamps: Record<string, number>;
}

const FIRST = Array.from({ length: 6 }, (_, id): Item => ({ id, marks: [] }));

const definition = app
  .defineState<Board>({ count: 0, text: "", items: FIRST, stamps: {} })
  .persist(durableObjectStore(global()))
  .clientWrites(true)
  .onAction("increment", ({ state }) => void (state.count += 1))
  .onAction("shift", ({ state }) => void state.items.shift())
  .onAction("insert", ({ state }, id: number) => {
    state.items.splice(id % (state.items.length + 1), 0, { id, marks: [] });
  })
  .onAction("stamp", ({ state, now }, id: number) => void (state.stamps[`${id}`] = now))
  .onAction("slow", async ({ state, commit }, id: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    state.items.unshift({ id, marks: [] });
    await commit();
    await new Promise((resolve) => setImmediate(resolve));
    state.count += 1;
  })
  .build();

/** A module that lets clients write, and has actions besides. */
export const board: ModuleDefinition = definition;

/** Of each action, how a page foretells it: right, wrong, and in the wrong place. True because the state is a board. */
export const REDUCERS: Readonly<Record<string, readonly (Reducer | undefined)[]>> = {
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
  stamp: [
    ((draft: Board, id: number, { now }: { now: number }) =>
      void (draft.stamps[`${id}`] = now)) as Reducer,
  ],
  slow: [
    ((draft: Board, id: number) => void draft.items.unshift({ id, marks: [] })) as Reducer,
    undefined,
  ],
};

export function stateOf(page: UpdatePage): Board {
  // True because the module's state is a board.
  return page.store.getSnapshot().state as unknown as Board;
}

export function update(page: UpdatePage, recipe: (draft: Board) => unknown): Promise<void> {
  // True because the module's state is a board.
  return page.store.update(recipe as (draft: never) => unknown);
}
