import { app, durableObjectStore, global } from "@holdfast/server";

/** One of a list; whoever changes it leaves a mark that names it. */
export interface Item {
  id: string;
  marks: string[];
}

interface Board {
  count: number;
  items: Item[];
}

const board = app
  .defineState<Board>({ count: 0, items: [] })
  .persist(durableObjectStore(global()))
  .clientWrites(true)
  .onAction("increment", ({ state }) => void state.count++)
  .onAction("insert", ({ state }, id: string) => void state.items.unshift({ id, marks: [] }))
  .build();

/** What the pages of the proof update together. */
export const modules: { readonly board: typeof board } = { board };
