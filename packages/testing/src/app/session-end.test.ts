import { createClient } from "@holdfast/client";
import { app, type AppOf, memoryStore, type StateStore } from "@holdfast/server";
import { testApp, type TestApp } from "@holdfast/server/testing";
import { describe, expect, test } from "vitest";

const HOUR_MS = 3_600_000;

interface Wishes {
  user: string | null;
  list: string[];
}

/** What was asked of the store, and the store. */
function watched(
  store: StateStore<Wishes>,
  asked: string[],
): StateStore<Wishes> & { isDown: boolean } {
  const kept = {
    ...store,
    isDown: false,
    delete: async (key: string) => {
      asked.push(`delete ${key}`);
      if (kept.isDown) throw new Error("The store is down.");
      await store.delete(key);
    },
  };
  return kept;
}

function start() {
  const asked: string[] = [];
  const store = watched(
    memoryStore({ key: (state, _module, session) => state.user ?? `of ${session}` }),
    asked,
  );
  const modules = {
    wishes: app
      .defineState<Wishes>({ user: null, list: [] })
      .persist(store, { idleSeconds: 3_600 })
      .onExpire((state) => void asked.push(`expired ${state.list.join()}`))
      .onAction("wish", ({ state }, wish: string) => {
        state.list.push(wish);
      })
      .onAction("login", ({ state }, id: string) => {
        state.user = id;
      })
      .build(),
  };
  return { modules, store, asked };
}

type Tested = ReturnType<typeof start>["modules"];

/** Somebody comes, wishes for something or not, and goes; what was there when they went. */
async function visit(
  tested: TestApp<Tested>,
  browser: string,
  act: (actions: {
    wish: (what: string) => unknown;
    login: (id: string) => unknown;
  }) => unknown = () => {},
): Promise<unknown> {
  const client = createClient<AppOf<Tested>>(tested.page({ browser }).options);
  const handle = client.module("wishes");
  handle.subscribe(() => {});
  await tested.rest();
  act(handle.actions);
  await tested.rest();
  const { state } = handle.getSnapshot();
  client.close();
  await tested.rest();
  return state;
}

describe("a value in a store that is one session's alone", () => {
  test("is deleted there when nobody was there for its time to live; then onExpire runs", async () => {
    const { modules, store, asked } = start();
    using tested = testApp({ modules });
    await visit(tested, "ann", ({ wish }) => wish("a boat"));
    await tested.pass(0.9 * HOUR_MS);
    expect(await visit(tested, "ann")).toMatchObject({ list: ["a boat"] });
    await tested.pass(0.9 * HOUR_MS);
    expect(asked).toEqual([]);
    await tested.pass(0.2 * HOUR_MS);
    const [deleted = ""] = asked;
    expect(asked).toEqual([expect.stringMatching(/^delete wishes\//), "expired a boat"]);
    expect(await store.load(deleted.slice("delete ".length))).toBeUndefined();
    expect(await visit(tested, "ann")).toMatchObject({ list: [] });
    expect(tested.reports).toEqual([]);
  });

  test("is still there when the store could not delete it, until it can", async () => {
    const { modules, store, asked } = start();
    using tested = testApp({ modules });
    await visit(tested, "ann", ({ wish }) => wish("a boat"));
    store.isDown = true;
    await tested.pass(1.1 * HOUR_MS);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.join()).not.toContain("expired");
    store.isDown = false;
    await tested.pass(HOUR_MS);
    expect(asked.at(-1)).toBe("expired a boat");
    expect(await visit(tested, "ann")).toMatchObject({ list: [] });
  });

  test("what a login leads to stays, whoever is gone", async () => {
    const { modules, asked } = start();
    using tested = testApp({ modules });
    await visit(tested, "ann", ({ login }) => login("ann"));
    await visit(tested, "ann", ({ wish }) => wish("a boat"));
    await tested.pass(100 * HOUR_MS);
    expect(asked.filter((what) => !what.includes("of%20") && what !== "expired ")).toEqual([]);
    expect(await visit(tested, "another", ({ login }) => login("ann"))).toMatchObject({
      user: "ann",
      list: ["a boat"],
    });
  });
});
