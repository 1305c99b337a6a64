import { app, type AppOf, durableObjectStore, global } from "@holdfast/server";

const counter = app
  .defineState({ count: 0, last: 0 })
  .persist(durableObjectStore(global()))
  .clientWrites(true)
  .presence<{ name: string }>()
  .onAction("press", ({ state, now }) => {
    state.last = now;
    return ++state.count;
  })
  .build();

/** What the pages of this folder show, with React and with Preact. */
export const modules: { readonly counter: typeof counter } = { counter };

export type App = AppOf<typeof modules>;
