import { app, memoryStore, redisStore } from "@holdfast/server";
import { serve, sqliteStore } from "@holdfast/server/node";
import { createClient } from "redis";

interface Profile {
  user: { id: string } | null;
  theme: string;
}

const initial: Profile = { user: null, theme: "light" };
const byUser = { key: (state: Profile) => state.user?.id ?? null };

const client = await createClient({ url: "redis://localhost:6379" }).connect();

const profile = app
  .defineState(initial)
  .persist(redisStore({ client, ...byUser }))
  .onPersistError((key, error) => console.error("not saved yet:", key, error))
  .onAction("login", ({ state }, id: string) => {
    state.user = { id };
  })
  .build();

const draft = app.defineState({ text: "" }).persist(memoryStore()).build();

const orders = app
  .defineState({ open: 0 })
  .persist(sqliteStore("orders.sqlite", { key: () => "all" }), { saveBeforeAck: true })
  .build();

export const server = await serve({ modules: { profile, draft, orders } });
