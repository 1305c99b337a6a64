import { afterEach, describe, expect, test } from "vitest";
import { app } from "../../module/builder.ts";
import { withKey } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import { settled, type TestConnection } from "../host.fixture.ts";
import { gates, todoModule } from "./move-module.fixture.ts";
import { MovePage } from "./move-page.fixture.ts";
import { MoveWorld } from "./move-world.fixture.ts";

let world = new MoveWorld(todoModule);
afterEach(() => {
  expect(world.aborts).toEqual([]);
  world = new MoveWorld(todoModule);
});

const alice = { id: "alice", name: "Alice" };
const bob = { id: "bob", name: "Bob" };
const done = (result?: unknown) => ({ type: "done", result });
const refused = (code: string) => ({ type: "refused", code });

async function page(session: string, label = session): Promise<MovePage> {
  const one = new MovePage(world, session, label);
  await run(one);
  return one;
}

async function run(...pages: MovePage[]): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await settled();
    for (const one of pages) await one.run();
  }
}

async function act(one: MovePage, name: string, payload?: never): Promise<unknown> {
  const heard = one.act(name, payload);
  await run(one);
  return heard.outcome;
}
const payload = (value: unknown) => value as never;

describe("withKey", () => {
  test("rule 1: while it gives null, the session has a state of its own", async () => {
    const [mine, other] = [await page("s1"), await page("s2")];
    expect(await act(mine, "add", payload("guest's"))).toEqual(done(1));
    expect(mine.state).toMatchObject({ todos: ["guest's"] });
    expect(other.state).toMatchObject({ todos: [] });
  });

  test("[G22] rule 2: at a login with nothing stored, what the session had is adopted", async () => {
    const mine = await page("s1");
    await act(mine, "add", payload("guest's"));
    expect(await act(mine, "login", payload(alice))).toEqual(done("welcome Alice"));
    expect(mine.state).toMatchObject({
      user: alice,
      todos: ["guest's"],
      arrivals: ["null>alice+guest's"],
      seen: new Map([["Alice", 1]]),
    });
  });

  test("[G22] rule 2: what is stored is loaded, what the action wrote is put on top, the guest is told of", async () => {
    const first = await page("s1");
    await act(first, "login", payload(alice));
    await act(first, "add", payload("stored"));
    await act(first, "filter", payload("done"));
    const second = await page("s2");
    await act(second, "add", payload("guest's"));
    await act(second, "login", payload({ id: "alice", name: "Fresh" }));
    expect(second.state).toMatchObject({
      user: { id: "alice", name: "Fresh" },
      todos: ["stored"],
      filter: "done",
      arrivals: ["null>alice+", "null>alice+guest's"],
    });
    expect([...(second.state as { seen: Map<string, number> }).seen]).toEqual([
      ["Alice", 1],
      ["Fresh", 1],
    ]);
  });

  test("[G22] rule 3: an account switch begins from the initial state, and leaves the old one as it was", async () => {
    const mine = await page("s1");
    await act(mine, "login", payload(alice));
    await act(mine, "add", payload("alice's"));
    expect(await act(mine, "login", payload(bob))).toEqual(done("welcome Bob"));
    expect(mine.state).toMatchObject({ user: bob, todos: [], arrivals: ["alice>bob"] });
    // "Alice" was counted there, "Bob" was not.
    const other = await page("s2");
    await act(other, "login", payload(alice));
    expect(other.state).toMatchObject({ user: alice, todos: ["alice's"] });
    expect((other.state as { seen: Map<string, number> }).seen).toEqual(new Map([["Alice", 1]]));
  });

  test("[G22] rule 4: a logout keeps what is stored, and gives the initial state", async () => {
    const mine = await page("s1");
    await act(mine, "add", payload("guest's"));
    await act(mine, "login", payload(alice));
    await act(mine, "add", payload("alice's"));
    expect(await act(mine, "logout")).toEqual(done("bye"));
    expect(mine.state).toMatchObject({ user: null, todos: [], arrivals: ["alice>null"] });
    expect(await act(mine, "login", payload(alice))).toEqual(done("welcome Alice"));
    expect(mine.state).toMatchObject({ todos: ["guest's", "alice's"] });
  });

  test("rule 5: devices share one live instance; tabs move along, other devices stay", async () => {
    const [desk, tab, phone] = [await page("s1"), await page("s1", "tab"), await page("s2")];
    await act(desk, "login", payload(alice));
    await act(phone, "login", payload(alice));
    await run(desk, tab, phone);
    expect(tab.state).toMatchObject({ user: alice });
    await act(phone, "add", payload("from the phone"));
    await run(desk, tab);
    expect(tab.state).toMatchObject({ todos: ["from the phone"] });
    await act(desk, "logout");
    await run(tab, phone);
    expect(tab.state).toMatchObject({ user: null, todos: [] });
    expect(phone.state).toMatchObject({ user: alice, todos: ["from the phone"] });
  });

  test("rule 6: commit() must not change the key, and says so to the handler", async () => {
    const mine = await page("s1");
    expect(await act(mine, "loginInParts", payload("alice"))).toEqual(refused("KEY_CHANGE"));
    expect(mine.state).toMatchObject({ user: null });
  });

  test("an asynchronous action moves its session at its end", async () => {
    const mine = await page("s1");
    const heard = mine.act("slowLogin", "alice");
    await run(mine);
    gates.get("alice")?.();
    await run(mine);
    expect(heard.outcome).toEqual(done("slowly"));
    expect(mine.state).toMatchObject({ user: { id: "alice" } });
  });

  test("rule 7: what was not started gets KEY_CHANGED, what runs OUTCOME_UNKNOWN and ends where it began", async () => {
    const [mine, tab] = [await page("s1"), await page("s1", "tab")];
    await act(mine, "login", payload(alice));
    await run(tab);
    const running = tab.act("slowAdd", "slow");
    await run(tab);
    expect(gates.has("slow")).toBe(true);
    const behind = [mine.act("login", bob), mine.act("add", "behind")];
    const inTab = tab.act("add", "in the tab");
    await run(mine, tab);
    expect(behind.map(({ outcome }) => outcome)).toEqual([
      done("welcome Bob"),
      refused("KEY_CHANGED"),
    ]);
    // The tab's was handled before or refused: it is in Alice's list exactly if it is done.
    expect(running.outcome).toEqual(refused("OUTCOME_UNKNOWN"));
    gates.get("slow")?.();
    await run(mine, tab);
    const again = await page("s9");
    await act(again, "login", payload(alice));
    const { todos } = again.state as { todos: string[] };
    expect(todos).toContain("slow");
    expect(todos).not.toContain("behind");
    expect(todos.includes("in the tab")).toBe(inTab.outcome?.type === "done");
    expect(mine.state).toMatchObject({ user: bob, todos: [] });
  });

  test.each(["comes late", "is lost"])(
    "[G22] rule 7: what ends while its session leaves is never called done and left behind (the answer %s)",
    async (how) => {
      const [mine, tab] = [await page("s1"), await page("s1", "tab")];
      const running = tab.act("slowAdd", "slow");
      await run(tab);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      world.answers = promise;
      const login = mine.act("login", alice);
      await run(mine, tab);
      // Alice has what the guest had, and the guest's own instance does not know yet.
      if (how === "is lost") reject(new Error("The network is gone"));
      await run(mine, tab);
      gates.get("slow")?.();
      await run(mine, tab);
      await world.advance(1_000);
      await run(mine, tab);
      expect([running.outcome, login.outcome]).toEqual([undefined, undefined]);
      world.answers = undefined;
      resolve();
      await world.advance(10_000);
      await run(mine, tab);
      expect(login.outcome).toEqual(done("welcome Alice"));
      expect(running.outcome).toEqual(refused("OUTCOME_UNKNOWN"));
      expect(tab.state).toMatchObject({ user: alice, todos: [] });
    },
  );

  test("what ends while its session is about to leave is done where it is, if that is refused", async () => {
    const other = await page("s2");
    await act(other, "login", payload(alice));
    await act(other, "tag", payload("trap"));
    const [mine, tab] = [await page("s1"), await page("s1", "tab")];
    const running = tab.act("slowAdd", "slow");
    await run(tab);
    const { promise, resolve } = Promise.withResolvers<void>();
    world.answers = promise;
    const login = mine.act("login", alice);
    await run(mine, tab);
    gates.get("slow")?.();
    await run(mine, tab);
    expect([running.outcome, login.outcome]).toEqual([undefined, undefined]);
    resolve();
    await run(mine, tab);
    expect(login.outcome).toEqual(refused("REFUSED"));
    expect(running.outcome).toEqual(done("added"));
    expect(mine.state).toMatchObject({ user: null, todos: ["slow"] });
  });

  test("rule 7: actions of a page that was offline during the move get KEY_CHANGED", async () => {
    const [mine, tab] = [await page("s1"), await page("s1", "tab")];
    await act(mine, "login", payload(alice));
    await run(tab);
    tab.goOffline();
    const offline = tab.act("add", "offline, for Alice");
    await run(tab);
    await act(mine, "login", payload(bob));
    tab.isOffline = false;
    await run(tab);
    expect(offline.outcome).toEqual(refused("KEY_CHANGED"));
    expect(tab.state).toMatchObject({ user: bob, todos: [] });
  });

  test("[P89] while a session moves its actions are told to come again, and its connects are held", async () => {
    const [mine, tab] = [await page("s1"), await page("s1", "tab")];
    // Both are there.
    const [first, second] = [mine.connection, tab.connection] as [TestConnection, TestConnection];
    const order = { type: "action", seq: 1, settled: 0 } as const;
    world.say(first, { ...order, client: mine.client, name: "login", payload: alice });
    world.say(second, { ...order, client: tab.client, name: "add", payload: "behind" });
    const held = world.connect("s1");
    expect(second.take()).toMatchObject([{ type: "busy", client: tab.client, seq: 1 }]);
    const late = await held;
    expect(late && world.nameOf(late)).toBe("key:alice");
  });

  test("KEY_CHANGE_WRITE: a write at an array's position in an action that changes the key", async () => {
    const mine = await page("s1");
    expect(await act(mine, "loginAndPush", payload("alice"))).toEqual(refused("KEY_CHANGE_WRITE"));
    expect(mine.state).toMatchObject({ user: null, todos: [] });
  });

  test.each([[1], [""], ["x".repeat(513)], ["\ud800"], [{}]])(
    "a key that is none (%j) is refused",
    async (id) => {
      const mine = await page("s1");
      expect(await act(mine, "loginAs", payload(id))).toEqual(refused("KEY_INVALID"));
      expect(mine.state).toMatchObject({ user: null });
    },
  );

  test("[G22] when the new instance refuses for good, the action is refused and nothing moved", async () => {
    const first = await page("s1");
    await act(first, "login", payload(alice));
    await act(first, "tag", payload("trap"));
    const second = await page("s2");
    await act(second, "add", payload("guest's"));
    const heard = [second.act("login", alice), second.act("add", "behind")];
    await run(second);
    await world.advance(10_000);
    await run(second, first);
    expect(heard[0]?.outcome).toEqual(refused("REFUSED"));
    expect(heard[1]?.outcome).toEqual(done(2));
    expect(second.state).toMatchObject({ user: null, todos: ["guest's", "behind"] });
    expect((first.state as { arrivals: string[] }).arrivals).toHaveLength(1);
    // It may still go elsewhere.
    expect(await act(second, "login", payload(bob))).toEqual(done("welcome Bob"));
  });

  test("refused when state and writes put together lead to another key yet", async () => {
    const first = await page("s1");
    await act(first, "login", payload(alice));
    await act(first, "tag", payload("twist"));
    const second = await page("s2");
    expect(await act(second, "login", payload(alice))).toEqual(refused("KEY_CHANGE"));
    expect(second.state).toMatchObject({ user: null });
  });

  test("rule 7: two tabs that log in as two at once: one of them wins, the other hears OUTCOME_UNKNOWN", async () => {
    const [mine, tab] = [await page("s1"), await page("s1", "tab")];
    const first = mine.act("slowLogin", "alice");
    const second = tab.act("slowLogin", "bob");
    await run(mine, tab);
    gates.get("alice")?.();
    gates.get("bob")?.();
    await run(mine, tab);
    await world.advance(20_000);
    await run(mine, tab);
    expect(first.outcome).toEqual(done("slowly"));
    expect(second.outcome).toEqual(refused("OUTCOME_UNKNOWN"));
    expect(tab.state).toEqual(mine.state);
    expect(mine.state).toMatchObject({ user: { id: "alice" } });
  });

  test("two tabs that log in as two at once: where the first is refused, the second is not", async () => {
    const other = await page("s2");
    await act(other, "login", payload(alice));
    await act(other, "tag", payload("trap"));
    const [mine, tab] = [await page("s1"), await page("s1", "tab")];
    const first = mine.act("slowLogin", "alice");
    const second = tab.act("slowLogin", "bob");
    await run(mine, tab);
    gates.get("alice")?.();
    gates.get("bob")?.();
    await run(mine, tab);
    expect(first.outcome).toEqual(refused("REFUSED"));
    expect(second.outcome).toEqual(done("slowly"));
    expect(mine.state).toMatchObject({ user: { id: "bob" } });
  });

  test("[G18] a connect that was on its way when the session moved is sent to look again, for an hour", async () => {
    const mine = await page("s1");
    await act(mine, "login", payload(alice));
    const late = { principal: "s1", session: "s1", user: null, expires: undefined, generation: 1 };
    const moves = () => world.host("key:alice").moves;
    expect(await moves()?.locate(late)).toEqual({ type: "here", generation: 1 });
    await act(mine, "logout");
    expect(await moves()?.locate(late)).toEqual({ type: "again" });
    world.kill("key:alice");
    expect(await moves()?.locate(late)).toEqual({ type: "again" });
    await world.advance(3_590_000);
    expect(await moves()?.locate(late)).toEqual({ type: "again" });
    await world.advance(20_000);
    expect(world.databases.get("key:alice")?.run("SELECT * FROM holdfast_moves")).toEqual([]);
    // Back again under a later generation.
    await act(mine, "login", payload(alice));
    expect(mine.state).toMatchObject({ user: alice });
  });

  test("[G10] rule 1: what a session without a key has outlives its object, and goes a minute after its last page", async () => {
    const mine = await page("s1");
    await act(mine, "add", payload("guest's"));
    world.kill("session:s1");
    await run(mine);
    expect(mine.state).toMatchObject({ todos: ["guest's"] });
    mine.goOffline();
    await world.advance(55_000);
    const inTime = await page("s1", "early");
    expect(inTime.state).toMatchObject({ todos: ["guest's"] });
    inTime.goOffline();
    await world.advance(70_000);
    expect((await page("s1", "late")).state).toMatchObject({ todos: [] });
  });

  test.each([true, false])(
    "[G22] rule 1: a guest whose move was interrupted is gone a minute after its pages as well (sockets kept: %s)",
    async (keepsSockets) => {
      let interrupted = 0;
      for (let at = 0; at < 40; at++) {
        world = new MoveWorld(todoModule);
        world.keepsSockets = keepsSockets;
        const mine = await page("s1");
        await act(mine, "add", payload("guest's"));
        world.killAt = world.steps.length + at;
        mine.act("login", alice);
        await mine.run();
        const { killAt } = world;
        // Whoever dies of hearing that the page is gone has not heard it.
        world.killAt = Infinity;
        mine.goOffline();
        world.killAt = killAt;
        // Nobody comes back: what was killed is woken by its alarms alone.
        await world.advance(150_000);
        const sql = world.databases.get("session:s1");
        // A process that dies with its sockets before the move began knows nothing of their end.
        const hasBegun = sql?.run("SELECT 1 FROM sqlite_master WHERE name = 'holdfast_moves'");
        if (!keepsSockets && hasBegun?.length === 0) continue;
        interrupted++;
        const killed = `killed at ${world.steps[world.killAt]}`;
        expect(await world.host("session:s1").exportState(), killed).not.toContain("guest's");
      }
      expect(interrupted).toBeGreaterThan(20);
    },
  );

  test("a large guest is adopted whole, whatever one action may write", async () => {
    const mine = await page("s1");
    const large = "x".repeat(200_000);
    for (let n = 0; n < 9; n++) await act(mine, "add", payload(`${n}${large}`));
    expect(await act(mine, "login", payload(alice))).toEqual(done("welcome Alice"));
    expect((mine.state as { todos: string[] }).todos).toHaveLength(9);
  });

  test("an instance that was only asked for leaves no storage", async () => {
    await page("s1");
    await world.host("key:nobody").moves?.locate({
      principal: "s1",
      session: "s1",
      user: null,
      expires: undefined,
      generation: 0,
    });
    for (const [name, sql] of world.databases) {
      expect(sql.run("SELECT name FROM sqlite_master"), name).toEqual([]);
    }
  });

  test("a definition whose initial state has a key already is refused", () => {
    expect(() =>
      app
        .defineState({ id: "x" })
        .persist(durableObjectStore(withKey((state: { id: string }) => state.id)))
        .build(),
    ).toThrowError(expect.objectContaining({ code: "DEFINITION_INVALID" }));
  });
});
