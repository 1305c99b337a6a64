import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { Gates } from "./gates.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

interface Room {
  online: string[];
  wakes: number;
  log: string[];
}

const room: Room = { online: [], wakes: 0, log: [] };
const gates = new Gates();
const base = app
  .defineState(room)
  .persist(durableObjectStore(global()))
  .onAction("note", ({ state }, text: string) => void state.log.push(text))
  .onAction("crash", () => {
    throw new Error("secret detail");
  })
  .onAction("hold", async ({ state }) => {
    state.log.push("held");
    await gates.wait("hold");
  });

describe("onCreated", () => {
  test("runs whenever the instance comes into memory, and says whether there was a state", () => {
    const seen: boolean[] = [];
    const module = base
      .onCreated((state, { restored }) => {
        seen.push(restored);
        state.wakes++;
      })
      .build();
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    expect(alice.take()).toMatchObject([{ version: 1, state: { wakes: 1 } }]);
    instance.evict(alice);
    expect(seen).toEqual([false, true]);
    // A socket that slept is told of it: the next commit would not follow otherwise.
    expect(alice.take()).toMatchObject([{ type: "commit", version: 2 }]);
    instance.say(alice, action(1, "note", "a"));
    expect(alice.take()).toMatchObject([{ type: "commit", version: 3 }, { type: "ack" }]);
  });

  test("a run that changes nothing writes nothing", () => {
    const sql = openNodeSqlite(":memory:");
    const module = base.onCreated((state) => void (state.wakes = 0)).build();
    new TestInstance(module, { sql }).join("alice", "c1");
    expect(sql.run("SELECT name FROM sqlite_master")).toEqual([]);
  });

  test.each<[string, () => void]>([
    ["throws", () => void JSON.parse("{")],
    ["is asynchronous", async () => undefined],
  ])("one that %s lets nobody in, and changes nothing", (_what, fails) => {
    const sql = openNodeSqlite(":memory:");
    const module = base
      .onCreated((state) => {
        state.wakes++;
        return fails();
      })
      .build();
    expect(() => new TestInstance(module, { sql })).toThrow(
      expect.objectContaining({ code: "RESTORE_FAILED" }),
    );
    expect(sql.run("SELECT name FROM sqlite_master")).toEqual([]);
  });
});

describe("onConnect and onDisconnect", () => {
  const present = base
    .onConnect((state, { session }) => void state.online.push(session.id))
    .onDisconnect((state, { session }) => {
      state.online.splice(state.online.indexOf(session.id), 1);
    })
    .build();

  test("everybody sees who comes and goes, and who comes sees it at once", () => {
    const instance = new TestInstance(present);
    const alice = instance.join("alice", "c1");
    expect(alice.take()).toMatchObject([{ version: 1, state: { online: ["alice"] } }]);
    const bob = instance.join("bob", "c2");
    expect(bob.take()).toMatchObject([{ version: 2, state: { online: ["alice", "bob"] } }]);
    expect(alice.take()).toMatchObject([{ type: "commit", version: 2 }]);
    instance.host.disconnect(bob);
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 3, patches: [{ op: "remove", path: ["online", 1] }] },
    ]);
  });

  test("they run once for a connection: a second hello, hibernation and a socket without a hello run none", () => {
    const instance = new TestInstance(present);
    const alice = instance.join("alice", "c1");
    instance.say(alice, { type: "hello", protocol: 1, clients: [{ id: "c1", settled: 0 }] });
    instance.evict(alice);
    expect(instance.join("bob", "c2").take()).toMatchObject([
      { state: { online: ["alice", "bob"] } },
    ]);
    const silent = instance.silent("eve");
    instance.host.disconnect(silent);
    expect(instance.join("carol", "c3").take()).toMatchObject([
      { state: { online: ["alice", "bob", "carol"] } },
    ]);
  });

  test("[G5] they wait for their turn like an action, and the greeting does not", async () => {
    const instance = new TestInstance(present);
    const [alice, carol] = [instance.join("alice", "c1"), instance.join("carol", "c3")];
    instance.say(alice, action(1, "hold"));
    const bob = instance.join("bob", "c2");
    expect(bob.take()).toMatchObject([{ state: { online: ["alice", "carol"], log: [] } }]);
    instance.host.disconnect(carol);
    expect(bob.take()).toEqual([]);
    await gates.open("hold");
    expect(bob.take()).toMatchObject([
      { type: "commit", patches: [{ path: ["log", 0] }] },
      { type: "commit", patches: [{ path: ["online", 2], value: "bob" }] },
      { type: "commit", patches: [{ op: "remove", path: ["online", 1] }] },
    ]);
  });

  test("they may be asynchronous", async () => {
    const module = base
      .onConnect(async (state, { session, commit }) => {
        state.log.push("comes");
        await commit();
        await Promise.resolve();
        state.online.push(session.id);
      })
      .build();
    const instance = new TestInstance(module);
    instance.join("alice", "c1");
    await settled();
    expect(instance.join("bob", "c2").take()).toMatchObject([
      { state: { online: ["alice"], log: ["comes", "comes"] } },
    ]);
  });

  test("[G4] one that throws leaves no trace, lets its connection in, and is told to the operator", () => {
    const errors: unknown[] = [];
    const module = base
      .onConnect((state) => {
        state.log.push("half");
        throw new Error("no");
      })
      .onError((error, { action }) => void errors.push(action, String(error)))
      .build();
    const instance = new TestInstance(module);
    expect(instance.join("alice", "c1").take()).toMatchObject([{ version: 0, state: { log: [] } }]);
    expect(errors).toEqual(["onConnect", "Error: no"]);
    expect(instance.aborts).toEqual([]);
  });

  test("authorize is not asked about them", () => {
    const module = base
      .authorize(({ type }) => type === "connect")
      .onConnect((state) => void state.wakes++)
      .build();
    expect(new TestInstance(module).join("alice", "c1").take()).toMatchObject([
      { state: { wakes: 1 } },
    ]);
  });
});

describe("errors", () => {
  test("[G19] onError is told the whole of what its caller is not", () => {
    const errors: unknown[] = [];
    const module = base.onError((error, { action }) => void errors.push([error, action])).build();
    const instance = new TestInstance(module);
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "crash"));
    expect(errors).toEqual([[new Error("secret detail"), "crash"]]);
    expect(alice.frames.join()).not.toContain("secret");
  });

  test("onPersistError is told of a write that failed; one that throws itself harms nobody", () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const errors: unknown[] = [];
    const module = base
      .onPersistError((key, error) => {
        errors.push(key, (error as { code?: string }).code);
        throw new Error("and this");
      })
      .build();
    const instance = new TestInstance(module, { sql: port, key: "room 7" });
    const alice = instance.join("alice", "c1");
    alice.take();
    fail(1);
    instance.say(alice, action(1, "note", "a"));
    expect(errors).toEqual(["room 7", "STORAGE_FAILED"]);
    expect(alice.take()).toMatchObject([{ type: "busy", seq: 1 }]);
    instance.say(alice, action(1, "note", "a"));
    expect(alice.take()).toMatchObject([{ type: "commit" }, { type: "ack" }]);
    expect(instance.aborts).toEqual([]);
  });
});
