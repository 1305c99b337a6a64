import { app, durableObjectStore, type Limits, named } from "@holdfast/server";
import { benchItem, type BenchState, itemKey } from "./bench-state.ts";

const initial: BenchState = { items: {} };

/** What is edited, on every platform. */
export const doc = app
  .defineState(initial)
  .persist(durableObjectStore(named()))
  .onAction("fill", ({ state }, { from, to }: { from: number; to: number }) => {
    for (let index = from; index < to; index++) state.items[itemKey(index)] = benchItem(index);
  })
  .onAction("edit", ({ state }, key: string) => {
    const item = state.items[key];
    if (item === undefined) throw new Error(`no item ${key}`);
    item.edits++;
  })
  .build();

const unlimited = 1_000_000_000;

/** L has no limits; a benchmark of ours against it may not run into one. */
export const BENCH_LIMITS: Partial<Limits> = {
  ratePerSecond: unlimited,
  rateBurst: unlimited,
  socketsPerPrincipal: unlimited,
};
