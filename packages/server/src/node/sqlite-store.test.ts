import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { serve } from "./serve.ts";
import { sqliteStore } from "./sqlite-store.ts";

test("a server that closes has everything saved, and one on another disk goes on from there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-serve-store-"));
  using store = sqliteStore<{ count: number }>(join(folder, "states.sqlite"), { key: () => "all" });
  const counter = app
    .defineState({ count: 0 })
    .persist(store)
    .onAction("add", ({ state }) => ++state.count)
    .build();
  const key = store.resolveKey({ count: 0 }, "counter", "somebody") ?? "";
  const options = { modules: { counter }, port: 0, handleSignals: false };

  const first = await serve({ ...options, dataDir: join(folder, "first") });
  await first.instance("counter", key).actions.add();
  await first.close();
  expect(await store.load(key)).toEqual({ count: 1 });

  const second = await serve({ ...options, dataDir: join(folder, "second") });
  expect(await second.instance("counter", key).actions.add()).toBe(2);
  await second.close();
  expect(await store.load(key)).toEqual({ count: 2 });
  await rm(folder, { recursive: true });
});
