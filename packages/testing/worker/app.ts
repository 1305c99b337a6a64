import { app, durableObjectStore, global, HoldfastError, named } from "@holdfast/server";
import { Tasks } from "./tasks.ts";

const counter = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => {
    state.count += by;
    return state.count;
  })
  .onAction("refuse", ({ state }) => {
    state.count = -1;
    throw new HoldfastError("REFUSED", "Not today.");
  })
  .build();

const room = app
  .defineState({ messages: [] as { id: string; text: string }[] })
  .persist(durableObjectStore(named({ allow: (key) => key !== "closed" })))
  .onAction("send", ({ state, randomId }, text: string) => {
    state.messages.push({ id: randomId(), text });
    return state.messages.length;
  })
  .build();

/** The app of the tests. */
export const modules = { counter, room, tasks: Tasks };
