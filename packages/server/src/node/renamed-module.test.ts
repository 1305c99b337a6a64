import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { app } from "../module/builder.ts";
import { named } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { type HoldfastServer, serve } from "./serve.ts";

const list = (options: { name?: string } = {}) =>
  app
    .defineState({ items: [] as string[] }, options)
    .persist(durableObjectStore(named()))
    .onAction("add", ({ state }, item: string) => state.items.push(item))
    .build();

test("a module that has another name in `modules` finds what it stored, by the name that storage knows", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "holdfast-renamed-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const serving = <Modules extends Record<string, ReturnType<typeof list>>>(
    modules: Modules,
  ): Promise<HoldfastServer<Modules>> => serve({ modules, dataDir, port: 0, handleSignals: false });
  const first = await serving({ todos: list() });
  await first.instance("todos", "shop").actions.add("milk");
  await first.close();
  const second = await serving({ lists: list({ name: "todos" }), todos: list({ name: "others" }) });
  await expect(second.instance("lists", "shop").actions.add("bread")).resolves.toBe(2);
  await expect(second.instance("todos", "shop").actions.add("tar")).resolves.toBe(1);
  await second.close();
});

test("two modules never share what is stored", async () => {
  await expect(
    serve({ modules: { todos: list(), lists: list({ name: "todos" }) }, port: 0 }),
  ).rejects.toMatchObject({
    code: "DEFINITION_INVALID",
    message: expect.stringMatching(/"todos" and "lists".*share their instances/),
  });
});
