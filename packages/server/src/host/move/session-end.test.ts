import { afterEach, describe, expect, test } from "vitest";
import { app } from "../../module/builder.ts";
import { withKey } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import { settled } from "../host.fixture.ts";
import { todoModule } from "./move-module.fixture.ts";
import { MovePage } from "./move-page.fixture.ts";
import { MoveWorld } from "./move-world.fixture.ts";

const DAY_MS = 86_400_000;
const ada = { id: "ada", name: "Ada" } as never;

let world = new MoveWorld(todoModule);
afterEach(() => {
  expect(world.aborts).toEqual([]);
  world = new MoveWorld(todoModule);
});

async function run(one: MovePage): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await settled();
    await one.run();
  }
}

let visits = 0;

/** Somebody comes, does something or not, and goes. */
async function visit(session: string, name?: string, payload?: never): Promise<unknown> {
  const page = new MovePage(world, session, `visit-${++visits}`);
  await run(page);
  if (name !== undefined) page.act(name, payload);
  await run(page);
  page.goOffline();
  return page.state;
}

/** Lets days pass in which nothing happens but what is due. */
async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    world.now += DAY_MS;
    await world.advance(1_000);
  }
}

function tables(name: string): unknown[] | undefined {
  const sql = world.databases.get(name);
  return sql
    ?.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .map((row) => row["name"]);
}

describe("what is known of a session whose key is derived", () => {
  test("ends when it was not there for 30 days; what is stored under the key waits for the next login", async () => {
    await visit("s1", "add", "guest's" as never);
    await visit("s1", "login", ada);
    expect(await visit("s1", "add", "Ada's" as never)).toMatchObject({ user: ada });
    await pass(29);
    expect(tables("session:s1")).toContain("holdfast_place");
    await pass(3);
    expect(tables("session:s1")).toEqual(["holdfast_alarms"]);
    world.kill("session:s1");
    expect(await visit("s1")).toMatchObject({ user: null, todos: [] });
    expect(await visit("s2", "login", ada)).toMatchObject({ todos: ["guest's", "Ada's"] });
    expect(world.reports).toEqual([]);
  });

  test("lives on with every visit, also where the session is elsewhere, and the visit changes nothing", async () => {
    await visit("s1", "login", ada);
    for (let month = 0; month < 4; month++) {
      await pass(25);
      expect(await visit("s1")).toMatchObject({ user: ada });
    }
    await pass(32);
    expect(await visit("s1")).toMatchObject({ user: null });
  });

  test("a guest that never logged in ends, too; one that did nothing has nothing", async () => {
    await visit("s1", "add", "guest's" as never);
    await visit("s2");
    expect(tables("session:s2")).toEqual([]);
    await pass(32);
    expect(tables("session:s1")).toEqual(["holdfast_alarms"]);
  });

  test("[G22] nothing ends that is on its way: the first step of a move alone sees to the end of its session", async () => {
    for (let at = 0; at < 25; at++) {
      world = new MoveWorld(todoModule);
      const page = new MovePage(world, "s1", "page");
      await run(page);
      world.killAt = world.steps.length + at;
      page.act("login", ada);
      await page.run();
      world.killAt = Infinity;
      // Nobody comes back.
      page.goOffline();
      await pass(32);
      const killed = `killed at ${world.steps[world.killAt]}`;
      expect(tables("session:s1") ?? [], killed).not.toContain("holdfast_place");
      expect(await visit("s1"), killed).toMatchObject({ user: null });
    }
  });

  test("after as long as the module says, or never", async () => {
    const module = (idleSeconds: number) =>
      app
        .defineState({ user: null as string | null })
        .persist(durableObjectStore(withKey((state) => state.user, { idleSeconds })))
        .onAction("login", ({ state }, id: string) => {
          state.user = id;
        })
        .build();
    world = new MoveWorld(module(3 * 86_400));
    await visit("s1", "login", "ada" as never);
    await pass(4);
    expect(await visit("s1")).toEqual({ user: null });
    world = new MoveWorld(module(Infinity));
    await visit("s1", "login", "ada" as never);
    await pass(100);
    expect(await visit("s1")).toEqual({ user: "ada" });
    expect(() => module(0)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
  });
});
