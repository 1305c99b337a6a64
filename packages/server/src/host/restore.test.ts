import { describe, expect, test } from "vitest";
import { app, type StateOptions } from "../module/builder.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import { global } from "../module/key-strategy.ts";
import { schemaOf } from "../module/schema.fixture.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

function module<State extends object>(
  initial: State,
  options: StateOptions = {},
  more: { onRestoreError?: (error: unknown) => "initial" | void; onCreated?: () => void } = {},
): ModuleDefinition {
  let builder = app
    .defineState(initial, options)
    .persist(durableObjectStore(global()))
    .onAction("set", ({ state }, entries: object) => void Object.assign(state, entries));
  if (more.onRestoreError) builder = builder.onRestoreError(more.onRestoreError);
  if (more.onCreated) builder = builder.onCreated(more.onCreated);
  return builder.build();
}

/** An instance of version 1 that has stored `entries`. */
function stored(initial: object, entries: object): SqlPort {
  const sql = openNodeSqlite(":memory:");
  const instance = new TestInstance(module(initial), { sql });
  instance.say(instance.join("alice", "c1"), action(1, "set", entries as never));
  return sql;
}

function shown(instance: TestInstance): unknown {
  const [message] = instance.join("bob", "c2").take();
  return message?.type === "snapshot" ? message.state : message;
}

describe("a stored state", () => {
  test("is merged over the initial one: plain objects deeply, everything else as it was stored", () => {
    const sql = stored(
      { a: { x: 1 }, list: [1], map: new Map([["k", 1]]) },
      { list: [2, 3], map: new Map([["l", 2]]) },
    );
    const next = { a: { x: 9, y: { z: 2 } }, list: [1, 1, 1], map: new Map([["m", 3]]), b: [7] };
    const instance = new TestInstance(module(next), { sql });
    expect(shown(instance)).toEqual({
      a: { x: 1, y: { z: 2 } },
      list: [2, 3],
      map: new Map([["l", 2]]),
      b: [7],
    });
    expect(instance.aborts).toEqual([]);
  });

  test("of an older version goes through the steps in order, in one commit, before any hook", () => {
    const sql = stored({ count: 1, name: "a b", kept: { deep: [1] } }, { count: 5 });
    const order: string[] = [];
    const next = module(
      { total: 0, names: [] as string[], kept: { deep: [0] }, added: true },
      {
        version: 4,
        migrate: {
          2: ({ count, ...rest }) => (order.push("2"), { ...rest, total: count }),
          4: (old) => {
            order.push("4");
            old.names = old.name.split(" ");
            delete old.name;
          },
        },
      },
      { onCreated: () => void order.push("onCreated") },
    );
    const instance = new TestInstance(next, { sql });
    expect(order).toEqual(["2", "4", "onCreated"]);
    const alice = instance.join("alice", "c9");
    expect(alice.take()).toMatchObject([
      { version: 2, state: { total: 5, names: ["a", "b"], kept: { deep: [1] }, added: true } },
    ]);
    instance.evict(alice);
    expect(order).toEqual(["2", "4", "onCreated", "onCreated"]);
    expect(alice.take()).toEqual([]);
  });

  test("a migration touches what differs and nothing else", () => {
    const list = Array.from({ length: 50 }, (_, n) => ({ n }));
    const sql = stored({ list, title: "a" }, { title: "b" });
    const old = new TestInstance(module({ list, title: "a" }), { sql });
    const alice = old.join("alice", "c9");
    const [snapshot] = alice.take();
    if (snapshot?.type !== "snapshot") throw new Error("no snapshot");
    new TestInstance(
      module({ list, title: "a" }, { version: 2, migrate: { 2: (o) => ({ ...o, title: "c" }) } }),
      { sql },
    );
    const { epoch, version, mark, schema } = snapshot;
    const back = new TestInstance(module({ list, title: "a" }), { sql });
    // The code of version 1 may read what version 2 has written.
    const bob = back.silent("bob");
    const clients = [{ id: "c8", settled: 0 }];
    back.say(bob, { type: "hello", protocol: 1, clients, epoch, version, mark, schema });
    expect(bob.take()).toMatchObject([
      { type: "resume", commits: [{ patches: [{ op: "replace", path: ["title"], value: "c" }] }] },
    ]);
  });

  test.each<[string, StateOptions]>([
    ["throws", { version: 2, migrate: { 2: () => JSON.parse("{") } }],
    ["gives no state", { version: 2, migrate: { 2: () => [1] } }],
    ["gives what cannot be stored", { version: 2, migrate: { 2: () => ({ f: () => 1 }) } }],
  ])("a step that %s changes nothing, and lets nobody in", (_what, options) => {
    const sql = stored({ count: 1 }, { count: 5 });
    expect(() => new TestInstance(module({ count: 1 }, options), { sql })).toThrow(
      expect.objectContaining({ code: "RESTORE_FAILED" }),
    );
    expect(shown(new TestInstance(module({ count: 1 }), { sql }))).toEqual({ count: 5 });
  });

  test("[G1] a migration that storage does not take is no failure of the state: it is tried again", () => {
    const sql = stored({ count: 1 }, { count: 5 });
    const { port, fail } = failingPort(sql);
    const next = module({ count: 1 }, { version: 2, migrate: { 2: () => ({ count: 6 }) } });
    const onRestoreError = (): "initial" => "initial";
    fail(1);
    const anew = module(
      { count: 1 },
      { version: 2, migrate: { 2: () => ({ count: 6 }) } },
      { onRestoreError },
    );
    expect(() => new TestInstance(anew, { sql: port })).toThrow(
      expect.objectContaining({ code: "STORAGE_FAILED" }),
    );
    expect(shown(new TestInstance(next, { sql: port }))).toEqual({ count: 6 });
  });
});

describe("[G20] a state of a newer version than the code", () => {
  test("is read, and nothing is written to it", () => {
    const sql = openNodeSqlite(":memory:");
    const newer = module({ count: 0, more: [1] }, { version: 3 });
    const written = new TestInstance(newer, { sql });
    written.say(written.join("alice", "c1"), action(1, "set", { count: 2 } as never));
    let created = 0;
    const older = module(
      { count: 0, gone: 1 },
      { version: 2 },
      { onCreated: () => void created++ },
    );
    const instance = new TestInstance(older, { sql });
    const bob = instance.join("bob", "c1");
    expect(bob.take()).toMatchObject([{ version: 1, state: { count: 2, more: [1] } }]);
    instance.say(bob, action(1, "set", { count: 3 } as never));
    expect(bob.take()).toMatchObject([
      { type: "reject", seq: 1, error: { code: "SCHEMA_TOO_NEW" } },
    ]);
    expect(created).toBe(0);
    expect(shown(new TestInstance(newer, { sql }))).toEqual({ count: 2, more: [1] });
  });
});

describe("a schema for the state", () => {
  const schema = schemaOf<unknown, { count: number; added?: number }>((state) => {
    const { count } = state as { count: unknown };
    if (typeof count !== "number" || count > 10) throw new Error(`it is ${String(count)}`);
    return { count };
  });

  test("what is restored is held against it, with the new fields of the initial state", () => {
    const sql = stored({ count: 1 }, { count: 5 });
    expect(shown(new TestInstance(module({ count: 1, added: 2 }, { schema }), { sql }))).toEqual({
      count: 5,
      added: 2,
    });
    const wrong = stored({ count: 1 }, { count: 50 });
    let caught: unknown;
    try {
      new TestInstance(module({ count: 1 }, { schema }), { sql: wrong });
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: "RESTORE_FAILED" });
    expect((caught as Error).message).not.toContain("50");
    expect(shown(new TestInstance(module({ count: 1 }), { sql: wrong }))).toEqual({ count: 50 });
  });

  test("what a migration makes is held against it", () => {
    const sql = stored({ count: 1 }, { count: 50 });
    const options = { version: 2, schema, migrate: { 2: (old: { count: number }) => old } };
    expect(() => new TestInstance(module({ count: 1 }, options), { sql })).toThrow(
      expect.objectContaining({ code: "RESTORE_FAILED" }),
    );
    const right = { ...options, migrate: { 2: () => ({ count: 10 }) } };
    expect(shown(new TestInstance(module({ count: 1 }, right), { sql }))).toEqual({ count: 10 });
  });

  test("an initial state that does not fit it is refused where it is written", () => {
    expect(() => module({ count: 11 }, { schema })).toThrow(
      /does not fit its own schema: text\.0: it is 11/,
    );
  });
});

describe("a stored state that cannot be used", () => {
  test("is refused, and stays as it is, unless onRestoreError chooses the initial one", () => {
    const sql = stored({ count: 1 }, { count: 5 });
    const epoch = sql.run("SELECT epoch FROM holdfast_meta");
    sql.run("UPDATE holdfast_journal SET head = 'not json'");
    sql.run("DELETE FROM holdfast_parts");
    const errors: unknown[] = [];
    const refusing = module(
      { count: 1 },
      {},
      { onRestoreError: (error) => void errors.push(error) },
    );
    expect(() => new TestInstance(refusing, { sql })).toThrow(
      expect.objectContaining({ code: "RESTORE_FAILED" }),
    );
    expect(errors).toMatchObject([{ code: "RESTORE_FAILED" }]);

    const anew = module({ count: 1 }, {}, { onRestoreError: () => "initial" });
    const instance = new TestInstance(anew, { sql });
    const alice = instance.join("alice", "c1");
    const [snapshot] = alice.take();
    expect(snapshot).toMatchObject({ version: 0, state: { count: 1 } });
    expect(snapshot).not.toMatchObject({ epoch: epoch[0]?.["epoch"] });
    instance.say(alice, action(1, "set", { count: 2 } as never));
    expect(alice.take()).toMatchObject([{ type: "commit", version: 1 }, { type: "ack" }]);
    // Never overwritten: what was stored is there for whoever can read it.
    const aside = sql
      .run("SELECT name FROM sqlite_master WHERE name LIKE 'holdfast_aside_%' ORDER BY name")
      .map(({ name }) => String(name).replace(/\d+/, "N"));
    expect(aside).toEqual([
      "holdfast_aside_N_clients",
      "holdfast_aside_N_journal",
      "holdfast_aside_N_meta",
      "holdfast_aside_N_parts",
    ]);
    expect(shown(new TestInstance(anew, { sql }))).toEqual({ count: 2 });
  });
});
