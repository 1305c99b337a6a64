import { type Client, createClient, optimism } from "@holdfast/client";
import {
  app,
  type AppOf,
  durableObjectStore,
  global,
  named,
  session,
  user,
  withKey,
} from "@holdfast/server";
import { testApp, type TestApp, type TestPage } from "@holdfast/server/testing";
import { describe, expect, test } from "vitest";

let wakes = 0;

const modules = {
  list: app
    .defineState({ items: [] as string[] })
    .persist(durableObjectStore(named()))
    .onAction("add", ({ state }, item: string) => {
      if (item === "") throw new Error("nothing");
      state.items.push(item);
      return state.items.length;
    })
    .onAction("addLater", async ({ state, schedule }, item: string) => {
      schedule(60_000, "add", item);
      await Promise.resolve();
      state.items.push("soon");
    })
    .onAction("slow", async ({ state }) => {
      await new Promise((resolve) => setImmediate(resolve));
      state.items.push("slow");
    })
    .build(),
  draft: app
    .defineState({ text: "" })
    .persist(durableObjectStore(session()))
    .onAction("write", ({ state }, text: string) => {
      state.text = text;
    })
    .build(),
  mine: app
    .defineState({ visits: 0 })
    .persist(durableObjectStore(user()))
    .onCreated(() => void wakes++)
    .onAction("visit", ({ state }) => ++state.visits)
    .build(),
  cart: app
    .defineState({ owner: null as string | null, things: new Map<string, number>() })
    .persist(durableObjectStore(withKey((state: { owner: string | null }) => state.owner)))
    .onAction("put", ({ state }, thing: string) => {
      state.things.set(thing, (state.things.get(thing) ?? 0) + 1);
    })
    .onAction("login", ({ state }, owner: string) => {
      state.owner = owner;
    })
    .build(),
};
type Tested = AppOf<typeof modules>;

describe("testApp", () => {
  test("what one page does, another one sees", async () => {
    using tested = start();
    const ann = watched(open(tested.page()).module("list", "shop"));
    const bob = watched(open(tested.page()).module("list", "shop"));
    await tested.rest();
    await expect(ann.actions.add("milk")).resolves.toBe(1);
    await tested.rest();
    expect(bob.getSnapshot()).toMatchObject({ status: "live", state: { items: ["milk"] } });
  });

  test("an action that throws is refused, and its details are for the operator", async () => {
    using tested = start();
    const list = watched(open(tested.page()).module("list", "shop"));
    await expect(list.actions.add("")).rejects.toMatchObject({ code: "ACTION_FAILED" });
    expect(tested.reports.join()).toContain("nothing");
  });

  test("time stands still until it is let pass; what is scheduled happens then", async () => {
    using tested = start();
    const list = watched(open(tested.page()).module("list", "shop"));
    await list.actions.addLater("later");
    await tested.pass(59_000);
    expect(items(list)).toEqual(["soon"]);
    await tested.pass(2_000);
    expect(items(list)).toEqual(["soon", "later"]);
  });

  test("[G1] [G2] what was acknowledged survives a kill, what was not is sent again, once", async () => {
    using tested = start();
    const page = tested.page();
    const list = watched(open(page).module("list", "shop"));
    await list.actions.add("before");
    page.goOffline();
    const offline = list.actions.add("offline");
    tested.kill();
    page.goOnline();
    await tested.pass(30_000);
    await expect(offline).resolves.toBe(2);
    expect(items(list)).toEqual(["before", "offline"]);
  });

  test("a page that is cut off says so, and comes back by itself", async () => {
    using tested = start();
    const page = tested.page();
    const list = watched(open(page).module("list", "shop"));
    await tested.rest();
    page.cut();
    await tested.rest();
    expect(list.getSnapshot().status).toBe("reconnecting");
    await tested.pass(30_000);
    expect(list.getSnapshot().status).toBe("live");
  });

  test.each([{ hibernates: false }, { hibernates: true }])(
    "of a link that the server closes the instance hears the end, too (hibernates: $hibernates)",
    async ({ hibernates }) => {
      const lobby = app
        .defineState({ here: 0, gone: 0 })
        .persist(durableObjectStore(global()))
        .onConnect((state) => void state.here++)
        .onDisconnect((state) => void state.gone++)
        .build();
      let logins = 0;
      using tested = testApp({
        modules: { lobby },
        authenticate: () => ({ user: { id: "ann" }, expires: Date.now() + ++logins * 600_000 }),
        hibernates,
      });
      const page = createClient<AppOf<{ lobby: typeof lobby }>>(tested.page().options);
      const shown = watched(page.module("lobby"));
      await tested.pass(900_000);
      expect(shown.getSnapshot()).toMatchObject({ status: "live", state: { here: 2, gone: 1 } });
    },
  );

  test("[G4] while storage fails nothing is acknowledged, and nothing is lost", async () => {
    using tested = start();
    const list = watched(open(tested.page()).module("list", "shop"));
    await tested.rest();
    tested.failStorage();
    const added = list.actions.add("late");
    await tested.pass(5_000);
    expect(list.getSnapshot()).toMatchObject({ pending: 1, state: { items: [] } });
    tested.failStorage(false);
    await tested.pass(60_000);
    await expect(added).resolves.toBe(1);
  });

  test("tabs of one browser share a session, other browsers have their own", async () => {
    using tested = start();
    const first = watched(open(tested.page({ browser: "laptop" })).module("draft"));
    await first.actions.write("dear");
    const second = watched(open(tested.page({ browser: "laptop" })).module("draft"));
    const other = watched(open(tested.page()).module("draft"));
    await tested.rest();
    expect(second.getSnapshot().state).toEqual({ text: "dear" });
    expect(other.getSnapshot().state).toEqual({ text: "" });
  });

  test("users are those that `authenticate` knows", async () => {
    using tested = start();
    const ann = watched(open(tested.page({ token: "ann" })).module("mine"));
    await ann.actions.visit();
    const phone = watched(open(tested.page({ token: "ann" })).module("mine"));
    await expect(phone.actions.visit()).resolves.toBe(2);
    const nobody = watched(open(tested.page()).module("mine"));
    await tested.pass(60_000); // it asks for a fresh token first
    expect(nobody.getSnapshot()).toMatchObject({
      status: "denied",
      error: { code: "UNAUTHENTICATED" },
    });
  });

  test("sessions move by a key that the state tells", async () => {
    using tested = start();
    const laptop = watched(open(tested.page()).module("cart"));
    await laptop.actions.put("tea");
    await laptop.actions.login("ann");
    const phone = watched(open(tested.page()).module("cart"));
    await phone.actions.login("ann");
    await tested.pass(5_000);
    expect(phone.getSnapshot().state?.things).toEqual(new Map([["tea", 1]]));
  });

  test.each([
    { hibernates: false, expected: 1 },
    { hibernates: true, expected: 8 },
  ])("[G10] with hibernates: $hibernates, memory begins $expected times", async (one) => {
    using tested = start(one);
    wakes = 0;
    const ann = watched(open(tested.page({ token: "ann" })).module("mine"));
    for (let visit = 1; visit <= 5; visit++) {
      await expect(ann.actions.visit()).resolves.toBe(visit);
    }
    expect(wakes).toBe(one.expected);
  });

  test("[G10] what is under way keeps an instance in memory", async () => {
    using tested = start({ hibernates: true });
    const list = watched(open(tested.page()).module("list", "shop"));
    await list.actions.slow();
    await tested.rest();
    expect(items(list)).toEqual(["slow"]);
  });

  test("code of the server calls in", async () => {
    using tested = start();
    await expect(tested.instance("list", "shop").actions.add("ink")).resolves.toBe(1);
  });
});

function start(options: { hibernates?: boolean } = {}): TestApp<typeof modules> {
  return testApp({
    modules,
    authenticate: (request) => {
      const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
      return id === undefined ? null : { id };
    },
    ...options,
  });
}

function open(page: TestPage): Client<Tested> {
  return createClient<Tested>({ ...page.options, optimism });
}

/** As a component does it: who is not looked at is closed after a moment. */
function watched<Handle extends { subscribe(listener: () => void): () => void }>(
  handle: Handle,
): Handle {
  handle.subscribe(() => {});
  return handle;
}

function items(list: {
  getSnapshot(): { readonly state: { readonly items: readonly string[] } | undefined };
}): readonly string[] | undefined {
  return list.getSnapshot().state?.items;
}
