import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { TestConnection, TestInstance } from "./host.fixture.ts";
import { action, testModule } from "./test-module.fixture.ts";

describe("a failed write", () => {
  test("undoes everything, tells nobody, decides nothing: the client sends it again", () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const instance = new TestInstance(testModule, { sql: port });
    const alice = instance.join("alice", "c1");
    const bob = instance.join("bob", "c2");
    instance.say(alice, action(1, "increment"));
    alice.take();
    bob.take();
    fail(10);
    instance.say(alice, action(2, "increment"), action(3, "note", "x"));
    expect(alice.take()).toMatchObject([{ type: "busy", client: "c1", seq: 2 }]);
    expect(bob.frames).toEqual([]);
    fail(0);
    expect(instance.join("carol").take()).toMatchObject([
      { version: 1, state: { count: 1, log: [] } },
    ]);
    instance.say(alice, action(2, "increment"), action(3, "note", "x"));
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq: 2, result: 2 },
      { type: "commit", version: 3 },
      { type: "ack", seq: 3 },
    ]);
    expect(bob.take()).toMatchObject([{ version: 2 }, { version: 3 }]);
    expect(instance.aborts).toEqual([]);
  });

  test("a batch whose shared write fails is tried one by one", () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const instance = new TestInstance(testModule, { sql: port });
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "increment"));
    alice.take();
    fail(1);
    instance.say(alice, action(2, "increment"), action(3, "increment"));
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 3, result: 3 });
    expect(instance.reports).toHaveLength(1);
  });
});

describe("a broken invariant", () => {
  test("after the write ends the instance, and what was durable is there when it is back", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    alice.take();
    // A connection never throws: one that does stands for any mistake behind the commit.
    alice.onSend = () => {
      throw new Error("impossible");
    };
    instance.say(alice, action(1, "increment"));
    expect(instance.aborts).toHaveLength(1);
    expect(instance.reports).toHaveLength(1);
    alice.onSend = () => {};
    instance.evict();
    const again = instance.join("alice", "c1");
    expect(again.take()).toMatchObject([
      { type: "snapshot", version: 1, state: { count: 1 } },
      { type: "ack", client: "c1", seq: 1, result: 1 },
    ]);
  });
});

describe("hostile and wrong frames", () => {
  test.each([
    ["nothing of the protocol", "nonsense", 4400, "MALFORMED_FRAME"],
    ["bytes", new ArrayBuffer(8), 4400, "MALFORMED_FRAME"],
    ["an unknown type", '{"type":"drop"}', 4400, "MALFORMED_FRAME"],
    ["a frame over its limit", `"${"x".repeat(262_144)}"`, 4413, "FRAME_TOO_LARGE"],
    [
      "another protocol",
      '{"type":"hello","protocol":99,"clients":[]}',
      4426,
      "PROTOCOL_UNSUPPORTED",
    ],
    [
      "an action of a client that hello did not name",
      '{"type":"action","client":"c9","seq":1,"settled":0,"name":"increment"}',
      4400,
      "MALFORMED_FRAME",
    ],
  ])(
    "[G17] [P50] %s: the connection is told why and closed; others go on",
    (_what, frame, code, error) => {
      const instance = new TestInstance(testModule);
      const alice = instance.join("alice", "c1");
      const bob = instance.join("bob", "c2");
      alice.take();
      bob.take();
      instance.host.receive(alice, frame);
      expect(alice.take()).toMatchObject([{ type: "error", error: { code: error } }]);
      expect(alice.closed).toEqual({ code, reason: error });
      instance.say(bob, { ...action(1, "increment"), client: "c2" });
      expect(bob.take()).toMatchObject([{ type: "commit" }, { type: "ack" }]);
      // Closed means: nothing more is sent there.
      expect(alice.frames).toEqual([]);
      expect(instance.aborts).toEqual([]);
    },
  );

  test("anything before hello closes the connection", () => {
    const instance = new TestInstance(testModule);
    const connection = new TestConnection();
    instance.host.connect(connection);
    instance.say(connection, action(1, "increment"));
    expect(connection.closed?.code).toBe(4400);
  });

  test("[G14] more sockets of one principal than allowed are refused", () => {
    const instance = new TestInstance(testModule, { limits: { socketsPerPrincipal: 1 } });
    instance.join("alice", "c1");
    const second = new TestConnection("alice");
    instance.host.connect(second);
    expect(second.closed).toEqual({ code: 4429, reason: "TOO_MANY_SOCKETS" });
    const bob = instance.join("bob", "c2");
    expect(bob.closed).toBeUndefined();
  });
});

describe("flow", () => {
  test("a frame over the limit arrives in chunks", () => {
    const instance = new TestInstance(testModule, { limits: { frameOutBytes: 4_096 } });
    const alice = instance.join("alice", "c1");
    alice.take();
    instance.say(alice, action(1, "note", 'ü"\\'.repeat(3_000)));
    expect(alice.frames.length).toBeGreaterThan(3);
    for (const frame of alice.frames) expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(4_096);
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", seq: 1 },
    ]);
  });
});

describe("restore", () => {
  test("a write that fails for the moment is no damage", () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const before = new TestInstance(testModule, { sql: port });
    before.say(before.join("alice", "c1"), action(1, "increment", 3));
    const newer = app
      .defineState({ count: 0, log: [] as string[], added: true })
      .persist(durableObjectStore(global()))
      .build();
    fail(10);
    expect(() => new TestInstance(newer, { sql: port })).toThrow(
      expect.objectContaining({ code: "STORAGE_FAILED" }),
    );
    fail(0);
    expect(new TestInstance(newer, { sql: port }).join("bob").take()).toMatchObject([
      { version: 2, state: { count: 3, added: true } },
    ]);
  });

  test("[G10] an eviction changes nothing", () => {
    const instance = new TestInstance(testModule);
    const alice = instance.join("alice", "c1");
    instance.say(alice, action(1, "increment", 3), action(2, "note", "kept"));
    alice.take();
    instance.evict(alice);
    expect(alice.frames).toEqual([]);
    instance.say(alice, action(3, "increment"));
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 3 },
      { type: "ack", result: 4 },
    ]);
    expect(instance.join("bob").take()).toMatchObject([{ state: { count: 4, log: ["kept"] } }]);
  });

  test("a field that the code has added appears by a commit, and sockets of the old code are told", () => {
    const sql = openNodeSqlite(":memory:");
    const before = new TestInstance(testModule, { sql });
    const alice = before.join("alice", "c1");
    before.say(alice, action(1, "increment", 3));
    alice.take();
    const newer = app
      .defineState({ count: 0, log: [] as string[], theme: { dark: true } })
      .persist(durableObjectStore(global()))
      .onAction("dim", ({ state }) => void (state.theme.dark = false))
      .build();
    const after = new TestInstance(newer, { sql });
    after.host.connect(alice);
    expect(alice.take()).toMatchObject([
      { type: "snapshot", version: 2, state: { count: 3, log: [], theme: { dark: true } } },
    ]);
    after.say(alice, action(2, "dim"));
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 3, patches: [{ path: ["theme", "dark"], value: false }] },
      { type: "ack" },
    ]);
  });
});
