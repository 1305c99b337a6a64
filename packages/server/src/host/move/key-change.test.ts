import { afterEach, describe, expect, test } from "vitest";
import { app } from "../../module/builder.ts";
import { withKey } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import { settled } from "../host.fixture.ts";
import { MovePage } from "./move-page.fixture.ts";
import { MoveWorld } from "./move-world.fixture.ts";

interface Account {
  user: string | null;
  log: string[];
}

type Hook = "connect" | "disconnect" | "created";

/** What changes the key somewhere else than at the end of an action that a page has sent. */
let changing: Hook | undefined;

const change = (hook: Hook, state: Account): void => {
  if (changing !== hook) return;
  state.user = "stray";
};

const module = app
  .defineState<Account>({ user: null, log: [] })
  .persist(durableObjectStore(withKey((state) => state.user)))
  .clientWrites(true)
  .onCreated((state) => change("created", state))
  .onConnect((state) => change("connect", state))
  .onDisconnect((state) => change("disconnect", state))
  .onAction("login", ({ state }, user: string | null) => {
    state.user = user;
  })
  .onAction("note", ({ state }, line: string) => {
    state.log.push(line);
  })
  .onAction("later", ({ schedule }, user: string | null) => {
    schedule(1_000, "login", user);
  })
  .build();

let world = new MoveWorld(module);
afterEach(() => {
  changing = undefined;
  expect(world.aborts).toEqual([]);
  world = new MoveWorld(module);
});

async function run(...pages: readonly MovePage[]): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await settled();
    for (const one of pages) await one.run();
  }
}

let pages = 0;

async function page(): Promise<MovePage> {
  const one = new MovePage(world, "s1", `page-${++pages}`);
  await run(one);
  return one;
}

/** Somebody who has logged in, or not. */
async function starts(user: string | null): Promise<MovePage> {
  const mine = await page();
  if (user !== null) mine.act("login", user);
  await run(mine);
  mine.act("note", "before");
  await run(mine);
  expect(mine.state).toEqual({ user, log: ["before"] });
  return mine;
}

describe.each([null, "ann"])("[G22] rule 6: the key does not change (from %s)", (from) => {
  /** Nothing has moved, nothing is changed, and the page goes on. */
  async function expectUnmoved(mine: MovePage): Promise<void> {
    await run(mine);
    expect(mine.state).toEqual({ user: from, log: ["before"] });
    expect([...world.databases.keys()]).not.toContain("key:stray");
    const heard = mine.act("note", "after");
    await run(mine);
    expect(heard.outcome).toMatchObject({ type: "done" });
    expect(mine.state).toEqual({ user: from, log: ["before", "after"] });
  }

  test("by a client patch", async () => {
    const mine = await starts(from);
    const connection = await world.connect("s1");
    if (!connection) throw new Error("not connected");
    world.say(connection, {
      type: "hello",
      protocol: 1,
      clients: [{ id: "patches", settled: 0 }],
    });
    connection.take();
    world.say(connection, {
      type: "patch",
      client: "patches",
      seq: 1,
      settled: 0,
      base: from === null ? 1 : 2,
      after: 0,
      patches: [{ op: "replace", path: ["user"], value: "stray" }],
    });
    expect(connection.take()).toMatchObject([{ type: "reject", error: { code: "KEY_CHANGE" } }]);
    await expectUnmoved(mine);
  });

  test.each(["connect", "disconnect"] as const)("by the hook of a %s", async (hook) => {
    const mine = await starts(from);
    changing = hook;
    const other = await page();
    expect(other.state).toEqual({ user: from, log: ["before"] });
    other.goOffline();
    changing = undefined;
    expect(world.reports.join()).toContain("withKey");
    await expectUnmoved(mine);
  });

  test("by onCreated, which keeps its instance from beginning until it is mended", async () => {
    const mine = await starts(from);
    const name = from === null ? "session:s1" : `key:${from}`;
    world.kill(name);
    changing = "created";
    expect(() => world.host(name)).toThrow(expect.objectContaining({ code: "RESTORE_FAILED" }));
    changing = undefined;
    await expectUnmoved(mine);
  });

  test("by a scheduled action, nor by a call of the server", async () => {
    const mine = await starts(from);
    mine.act("later", "stray");
    await run(mine);
    await world.advance(2_000);
    const name = from === null ? "session:s1" : `key:${from}`;
    const call = { action: "login", payload: "stray", env: undefined };
    expect(await world.host(name).call(call)).toMatchObject({
      type: "reject",
      error: { code: "KEY_CHANGE" },
    });
    expect(world.reports.join()).toContain("withKey");
    await expectUnmoved(mine);
  });
});
