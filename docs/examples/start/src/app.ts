// src/app.ts: no platform in here
import { app, type AppOf, durableObjectStore, global } from "@holdfast/server";

const counter = app
  .defineState({ count: 0 })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }, by: number = 1) => (state.count += by))
  .build();

export const modules = { counter };
export type App = AppOf<typeof modules>;
