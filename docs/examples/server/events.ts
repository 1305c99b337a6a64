import { app, durableObjectStore, named } from "@holdfast/server";

export const door = app
  .defineState({ open: false })
  .persist(durableObjectStore(named()))
  .onAction("turn", ({ state, sql, now }, by: string) => {
    state.open = !state.open;
    sql`CREATE TABLE IF NOT EXISTS turns (id INTEGER PRIMARY KEY, at INTEGER, by TEXT, open INTEGER)`;
    sql`INSERT INTO turns (at, by, open) VALUES (${now}, ${by}, ${state.open})`;
  })
  .onAction(
    "latest",
    ({ sql }) =>
      sql<{ at: number; by: string }>`SELECT at, by FROM turns ORDER BY id DESC LIMIT 20`,
  )
  .build();
