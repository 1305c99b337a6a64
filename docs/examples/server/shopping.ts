import { app, type AppOf, durableObjectStore, named } from "@holdfast/server";
import { buy, type Shopping } from "./buy.ts";

export const shopping = app
  .defineState<Shopping>({ items: [] })
  .persist(durableObjectStore(named()))
  .clientWrites({ paths: ["items"] })
  .onAction("buy", ({ state }, id: string) => buy(state, id))
  .onAction("add", ({ state, randomId }, text: string) => {
    state.items.push({ id: randomId(), text, bought: false });
  })
  .build();

export type App = AppOf<{ shopping: typeof shopping }>;
