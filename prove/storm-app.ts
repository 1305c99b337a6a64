import { app, durableObjectStore, global } from "@holdfast/server";

const counter = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("bump", ({ state }) => ++state.count)
  .build();

/** What the storm is about: nothing large, so that all that counts is who comes when. */
export const modules: { readonly counter: typeof counter } = { counter };
