import { app, durableObjectStore, global, HoldfastError } from "@holdfast/server";

export interface Item {
  id: string;
  text: string;
  done: boolean;
}

const LONGEST_TEXT = 200;

/** One list for everybody. What an action changes is stored, and seen by all, at once. */
export const list = app
  .defineState({ items: [] as Item[] })
  .persist(durableObjectStore(global()))
  .onAction("add", ({ state, randomId }, text: string) => {
    // A payload is what some browser sent: its type is only what it claims.
    if (typeof text !== "string" || text.trim() === "" || text.length > LONGEST_TEXT) {
      throw new HoldfastError("REFUSED", `An item has 1 to ${LONGEST_TEXT} characters.`);
    }
    const id = randomId();
    state.items.push({ id, text: text.trim(), done: false });
    return id;
  })
  .onAction("toggle", ({ state }, id: string) => {
    const item = state.items.find((one) => one.id === id);
    if (item) item.done = !item.done;
  })
  .onAction("clearDone", ({ state }) => {
    state.items = state.items.filter(({ done }) => !done);
    return state.items.length;
  })
  .build();
