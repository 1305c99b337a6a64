import { hashValue, type Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global, withKey } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { Gates } from "./gates.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const STATE = {
  n: 0,
  map: new Map<unknown, unknown>([[1n, new Date(5)]]),
  list: [Number.NaN, -0, undefined] as unknown[],
  cursor: "",
};
const gates = new Gates();
const module = app
  .defineState(STATE)
  .persist(durableObjectStore(global()))
  .ephemeral(["cursor"])
  .onAction("set", ({ state }, n: number) => {
    state.n = n;
    state.cursor = `at ${n}`;
    return n;
  })
  .onAction("later", ({ schedule }) => schedule(1_000, "set", 99))
  .onAction("slow", async ({ state, commit }) => {
    state.n = -1;
    await commit();
    await gates.wait("slow");
    state.n = -2;
  })
  .build();

function begin(sql = openNodeSqlite(":memory:")) {
  const instance = new TestInstance(module, { sql });
  const alice = instance.join("alice", "c1");
  instance.say(alice, action(1, "set", 5));
  alice.take();
  return { instance, alice, sql };
}

describe("a backup", () => {
  test("[G11] gives the state back, in another instance, in a new history; ephemeral state is left out", async () => {
    const { instance } = begin();
    const backup = await instance.host.exportState();
    const other = begin();
    other.instance.say(other.alice, action(2, "set", 7), action(3, "later"));
    const { epoch } = other.instance.host.inspect();
    other.alice.take();
    await other.instance.host.importState(backup);
    other.instance.evict(other.alice);
    const [snapshot] = other.alice.take();
    expect(snapshot).toMatchObject({ type: "snapshot", version: 0 });
    expect(snapshot?.type === "snapshot" && snapshot.state).toEqual({ ...STATE, n: 5 });
    const report = other.instance.host.inspect();
    expect(report).toMatchObject({ version: 0, schema: 1, connections: 1, scheduled: [] });
    expect(report.stored.parts.rows).toBeGreaterThan(0);
    expect(report.stored.parts.bytes).toBeGreaterThan(100);
    expect(report.epoch).not.toBe(epoch);
    other.instance.say(other.alice, action(1, "set", 8));
    expect(other.alice.take()).toMatchObject([{ type: "commit", version: 1 }, { type: "ack" }]);
    other.instance.evict(other.alice);
    expect(other.alice.take()).toEqual([]);
    expect(other.instance.aborts).toEqual([]);
  });

  test("of an older version is migrated; of a newer one refused", async () => {
    const { instance } = begin();
    const backup = await instance.host.exportState();
    const newer = app
      .defineState({ total: 0 }, { version: 2, migrate: { 2: ({ n }) => ({ total: n }) } })
      .persist(durableObjectStore(global()))
      .build();
    const sql = openNodeSqlite(":memory:");
    const target = new TestInstance(newer, { sql });
    await target.host.importState(backup);
    target.evict();
    expect(target.join("bob", "c1").take()).toMatchObject([{ state: { total: 5 } }]);
    await expect(instance.host.importState(await target.host.exportState())).rejects.toMatchObject({
      code: "SCHEMA_TOO_NEW",
    });
  });

  test.each<[string, (backup: string) => string]>([
    ["no JSON", () => "backup"],
    ["nothing", () => "null"],
    ["something else", () => '{"holdfast":"snapshot"}'],
    [
      "a state that was changed",
      (backup) => backup.replace(String.raw`\"n\":5`, String.raw`\"n\":6`),
    ],
    ["another instance's name in it", (backup) => backup.replace('"key":""', '"key":"b"')],
    ["a part of it", (backup) => backup.slice(0, -20)],
  ])("%s is refused, and changes nothing", async (_what, damage) => {
    const { instance, alice } = begin();
    const backup = damage(await instance.host.exportState());
    await expect(instance.host.importState(backup)).rejects.toMatchObject({
      code: "IMPORT_INVALID",
    });
    instance.say(alice, action(2, "set", 6));
    expect(alice.take()).toMatchObject([{ type: "commit", version: 2 }, { type: "ack" }]);
  });

  test("of another module is refused", async () => {
    const backup = JSON.parse(await begin().instance.host.exportState()) as Record<string, Value>;
    const { checksum: _, ...rest } = backup;
    const foreign = { ...rest, module: "other" };
    const checksum = await hashValue(foreign);
    const importing = begin().instance.host.importState(JSON.stringify({ ...foreign, checksum }));
    await expect(importing).rejects.toThrow('it is of the module "other"');
  });

  test("[G22] of another key is refused where the key is derived from the state", async () => {
    const derived = app
      .defineState({ user: null as string | null })
      .persist(durableObjectStore(withKey((state: { user: string | null }) => state.user)))
      .build();
    const withUser = app
      .defineState({ user: "bob" as string | null })
      .persist(durableObjectStore(global()))
      .build();
    const backup = await new TestInstance(withUser).host.exportState();
    const alice = new TestInstance(derived, { key: "key:alice" });
    await expect(alice.host.importState(backup)).rejects.toMatchObject({ code: "KEY_CHANGE" });
    const bob = new TestInstance(derived, { key: "key:bob" });
    await bob.host.importState(backup);
  });

  test("[G4] a write that fails changes nothing", async () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const { instance, alice } = begin(port as ReturnType<typeof openNodeSqlite>);
    const backup = await instance.host.exportState();
    instance.say(alice, action(2, "set", 7));
    alice.take();
    for (const failures of [1, 3, 6]) {
      const importing = instance.host.importState(backup);
      fail(failures);
      await expect(importing).rejects.toThrow();
      fail(0);
    }
    instance.say(alice, action(3, "set", 8));
    expect(alice.take()).toMatchObject([{ type: "commit", version: 3 }, { type: "ack" }]);
  });

  test("[G5] an action under way writes nothing into the history that follows", async () => {
    const { instance, alice } = begin();
    const backup = await instance.host.exportState();
    instance.say(alice, action(2, "slow"));
    await settled();
    await instance.host.importState(backup);
    instance.evict(alice);
    await gates.open("slow");
    expect(instance.host.inspect().version).toBe(0);
    expect(instance.join("bob", "c2").take()).toMatchObject([{ version: 0, state: { n: 5 } }]);
    expect(instance.aborts).toEqual([]);
  });
});

describe("destroy", () => {
  test("deletes all that is stored, schedules included; who is connected sees the initial state", () => {
    const { instance, alice, sql } = begin();
    instance.say(alice, action(2, "later"));
    expect(instance.host.inspect().scheduled).toEqual([instance.now + 1_000]);
    const { epoch } = instance.host.inspect();
    alice.take();
    instance.host.destroy();
    expect(sql.run("SELECT name FROM sqlite_master WHERE name LIKE 'holdfast%'")).toEqual([
      { name: "holdfast_alarms" },
    ]);
    expect(sql.run("SELECT * FROM holdfast_alarms")).toEqual([]);
    expect(instance.alarm).toBeUndefined();
    instance.evict(alice);
    expect(alice.take()).toMatchObject([{ type: "snapshot", version: 0, state: { n: 0 } }]);
    expect(instance.host.inspect().epoch).not.toBe(epoch);
  });
});
