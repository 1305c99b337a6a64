import { app, durableObjectStore, HoldfastError, named } from "@holdfast/server";

export interface Todo {
  id: string;
  title: string;
  done: boolean;
}

export const todos = app
  .defineState({ items: [] as Todo[] })
  .persist(durableObjectStore(named()))
  .onAction("add", ({ state, randomId }, title: string) => {
    if (title.trim() === "") throw new HoldfastError("REFUSED", "A to-do needs a title.");
    state.items.push({ id: randomId(), title, done: false });
  })
  .onAction("toggle", ({ state }, id: string) => {
    const item = state.items.find((one) => one.id === id);
    if (item) item.done = !item.done;
  })
  .onAction("clearDone", ({ state }) => {
    state.items = state.items.filter((item) => !item.done);
  })
  .build();
