import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import type { ModuleDefinition } from "../module/definition.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const base = app.defineState({
  kept: 0,
  draft: { text: "", tags: [] as string[] },
  cursors: new Map<string, number>(),
});

function withActions(module: typeof base): ModuleDefinition {
  return module
    .onAction("type", ({ state }, text: string) => {
      state.kept++;
      state.draft.text = text;
      state.draft.tags.push(text);
      state.cursors.set(text, 1);
      Object.assign(state, { extra: text });
    })
    .build();
}

const INITIAL = { kept: 0, draft: { text: "", tags: [] }, cursors: new Map() };
const partly = withActions(
  base.persist(durableObjectStore(global())).ephemeral(["draft", "cursors"]),
);
const wholly = withActions(base.key(global()));

function state(instance: TestInstance): unknown {
  const viewer = instance.silent("viewer");
  instance.say(viewer, { type: "hello", protocol: 1, clients: [{ id: "c9", settled: 0 }] });
  const [message] = viewer.take();
  // Not by the host's disconnect, which would count as somebody who goes.
  instance.evict();
  return message?.type === "snapshot" ? message.state : message;
}

async function pass(instance: TestInstance, ms: number): Promise<void> {
  instance.now += ms;
  if (instance.alarm !== undefined && instance.alarm <= instance.now) {
    await instance.host.alarms.ring();
  }
  await settled();
}

describe("ephemeral state", () => {
  test.each<[string, ModuleDefinition, object]>([
    ["keys", partly, { ...INITIAL, kept: 1, extra: "a" }],
    ["all of a module that is not persisted", wholly, INITIAL],
  ])(
    "goes back to initial a minute after the last connection, by a commit: %s",
    async (_what, module, after) => {
      const instance = new TestInstance(module);
      const alice = instance.join("alice", "c1");
      const bob = instance.join("bob", "c2");
      instance.say(alice, action(1, "type", "a"));
      const typed = { kept: 1, draft: { text: "a", tags: ["a"] }, cursors: new Map([["a", 1]]) };
      instance.host.disconnect(alice);
      expect(instance.alarm).toBeUndefined();
      instance.host.disconnect(bob);
      expect(instance.alarm).toBe(instance.now + 60_000);
      await pass(instance, 59_999);
      expect(state(instance)).toEqual({ ...typed, extra: "a" });
      await pass(instance, 1);
      expect(state(instance)).toEqual(after);
      expect(instance.aborts).toEqual([]);
    },
  );

  test("[G10] outlives hibernation and deploys; who comes back within the minute finds it", async () => {
    const instance = new TestInstance(wholly);
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "type", "a"));
    instance.evict(alice);
    instance.host.disconnect(alice);
    await pass(instance, 30_000);
    const again = instance.join("alice", "c1");
    expect(again.take()).toMatchObject([{ state: { kept: 1 } }, { type: "ack" }]);
    await pass(instance, 40_000);
    instance.say(again, action(2, "type", "b"));
    expect(again.take()).toMatchObject([{ type: "commit", version: 2 }, { type: "ack" }]);
    instance.host.disconnect(again);
    await pass(instance, 59_000);
    expect(state(instance)).toMatchObject({ kept: 2 });
    await pass(instance, 1_000);
    expect(state(instance)).toEqual(INITIAL);
  });

  test("goes back after as long as the limit says", async () => {
    const instance = new TestInstance(wholly, { limits: { ephemeralMs: 5_000 } });
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "type", "a"));
    instance.host.disconnect(alice);
    await pass(instance, 4_999);
    expect(state(instance)).toMatchObject({ kept: 1 });
    await pass(instance, 1);
    expect(state(instance)).toEqual(INITIAL);
  });

  test("an instance that stored nothing, or has nothing ephemeral, sets no alarm", () => {
    const sql = openNodeSqlite(":memory:");
    const quiet = new TestInstance(wholly, { sql });
    quiet.host.disconnect(quiet.join("alice", "c1"));
    expect(sql.run("SELECT name FROM sqlite_master")).toEqual([]);
    const kept = new TestInstance(withActions(base.persist(durableObjectStore(global()))));
    const alice = kept.join("alice", "c1");
    kept.say(alice, action(1, "type", "a"));
    kept.host.disconnect(alice);
    expect(kept.alarm).toBeUndefined();
  });

  test("[G1] a write that fails is tried again", async () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const instance = new TestInstance(wholly, { sql: port });
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "type", "a"));
    instance.host.disconnect(alice);
    fail(1);
    await pass(instance, 60_000);
    fail(0);
    expect(state(instance)).toMatchObject({ kept: 1 });
    await pass(instance, 1_000);
    expect(state(instance)).toEqual(INITIAL);
  });
});
