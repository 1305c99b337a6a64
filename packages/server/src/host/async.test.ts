import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { Gates } from "./gates.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";
import { action } from "./test-module.fixture.ts";

const gates = new Gates();

const module = app
  .defineState({ count: 0, busy: false, log: [] as string[] })
  .persist(durableObjectStore(global()))
  .onAction("increment", ({ state }) => ++state.count)
  .onAction("read", async ({ state }) => {
    const before = state.count;
    await gates.wait("read");
    return { before, after: state.count };
  })
  .onAction("writeThenAwait", async ({ state }, text: string) => {
    state.log.push(`begin ${text}`);
    await gates.wait(text);
    state.log.push(`end ${text}`);
    return text;
  })
  .onAction("awaitThenWrite", async ({ state }, text: string) => {
    await gates.wait(text);
    state.log.push(text);
  })
  .onAction("lose", async ({ state }) => {
    const { count } = state;
    await gates.wait("lose");
    state.count = count + 1;
  })
  .onAction("spinner", async ({ state, commit }, fail: boolean) => {
    state.busy = true;
    await commit();
    await gates.wait("spinner");
    if (fail) throw new HoldfastError("REFUSED", "No luck.");
    state.busy = false;
    state.count += 10;
    return "done";
  })
  .onAction("late", { timeout: 5_000 }, async ({ state }) => {
    state.count = 99;
    await gates.wait("late");
    state.count = 100;
  })
  .build();

function start(options: ConstructorParameters<typeof TestInstance>[1] = {}) {
  const instance = new TestInstance(module, options);
  const alice = instance.join("alice", "c1");
  const bob = instance.join("bob", "c2");
  alice.take();
  bob.take();
  const bobs = (seq: number, name: string, payload?: string) => ({
    ...action(seq, name, payload),
    client: "c2",
  });
  return { instance, alice, bob, bobs };
}

const received = (seq: number) => ({ type: "received", client: "c1", seq });

describe("an asynchronous action", () => {
  test("[G3] is received, holds up nobody while it has not written, and answers when it ends", async () => {
    const { instance, alice, bob, bobs } = start();
    instance.say(alice, action(1, "read"));
    expect(alice.take()).toEqual([received(1)]);
    instance.say(bob, bobs(1, "increment"));
    expect(bob.take()).toMatchObject([{ type: "commit" }, { type: "ack", result: 1 }]);
    alice.take();
    await gates.open("read");
    expect(alice.take()).toEqual([
      { type: "ack", client: "c1", seq: 1, version: 1, result: { before: 0, after: 1 } },
    ]);
  });

  test("[G5] that has written and awaits is seen by nobody, and those who start wait in order", async () => {
    const { instance, alice, bob, bobs } = start();
    instance.say(alice, action(1, "writeThenAwait", "a"));
    instance.say(bob, bobs(1, "increment"), bobs(2, "increment"));
    expect(bob.take()).toEqual([
      { type: "received", client: "c2", seq: 1 },
      { type: "received", client: "c2", seq: 2 },
    ]);
    const carol = instance.join("carol", "c3");
    expect(carol.take()).toMatchObject([{ type: "snapshot", version: 0, state: { log: [] } }]);
    await gates.open("a");
    expect(carol.take()).toMatchObject([
      { type: "commit", version: 1, patches: [{ path: ["log"] }] },
      { type: "commit", version: 2 },
      { type: "commit", version: 3 },
    ]);
    expect(bob.take().at(-1)).toMatchObject({ type: "ack", seq: 2, result: 2 });
  });

  test("[G5] that writes while another holds the turn parks, and commits in its order", async () => {
    const { instance, alice, bob, bobs } = start();
    instance.say(bob, bobs(1, "awaitThenWrite", "late"));
    instance.say(alice, action(1, "writeThenAwait", "a"));
    alice.take();
    bob.take();
    await gates.open("late");
    expect(bob.take()).toEqual([]);
    await gates.open("a");
    expect(bob.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "commit", version: 2 },
      { type: "ack", client: "c2", seq: 1, version: 2 },
    ]);
    expect(instance.join("carol").take()).toMatchObject([
      { state: { log: ["begin a", "end a", "late"] } },
    ]);
  });

  test("a lost update through a local variable is a CONFLICT, not a lost update", async () => {
    const { instance, alice, bob, bobs } = start();
    instance.say(alice, action(1, "lose"));
    instance.say(bob, bobs(1, "increment"));
    alice.take();
    await gates.open("lose");
    expect(alice.take()).toMatchObject([{ type: "reject", seq: 1, error: { code: "CONFLICT" } }]);
    expect(instance.join("carol").take()).toMatchObject([{ state: { count: 1 } }]);
  });

  test("commit() publishes, and a later throw rolls back only to there", async () => {
    const { instance, alice, bob } = start();
    instance.say(alice, action(1, "spinner", true));
    await settled();
    expect(bob.take()).toMatchObject([{ type: "commit", version: 1 }]);
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "published", seq: 1 },
      received(1),
    ]);
    await gates.open("spinner");
    expect(alice.take()).toMatchObject([{ type: "reject", error: { code: "REFUSED" } }]);
    expect(instance.join("carol").take()).toMatchObject([
      { version: 1, state: { busy: true, count: 0 } },
    ]);
  });

  test("[G2] cut short after commit() it is INTERRUPTED on wake, and never run again", async () => {
    const { instance, alice } = start();
    instance.say(alice, action(1, "spinner", false));
    await settled();
    instance.evict(alice);
    alice.take();
    instance.say(alice, action(1, "spinner", false));
    expect(alice.take()).toMatchObject([
      { type: "reject", seq: 1, error: { code: "INTERRUPTED" } },
    ]);
  });

  test("[G1] the first commit of a history may be one of it, and survives a restart", async () => {
    const { instance, alice } = start();
    instance.say(alice, action(1, "writeThenAwait", "x"));
    await gates.open("x");
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 1, version: 1 });
    instance.evict(alice);
    expect(instance.join("carol").take()).toMatchObject([
      { type: "snapshot", version: 1, state: { log: ["begin x", "end x"] } },
    ]);
  });

  test("[G2] cut short without commit() it is run again when it is sent again", async () => {
    const { instance, alice } = start();
    instance.say(alice, action(1, "writeThenAwait", "x"), action(2, "read"));
    instance.evict(alice);
    alice.take();
    instance.say(alice, action(1, "writeThenAwait", "y"));
    await gates.open("y");
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 1, result: "y" });
    expect(instance.join("carol").take()).toMatchObject([{ state: { log: ["begin y", "end y"] } }]);
  });

  test("[G4] past its timeout it is given up, rolled back, and touches nothing any more", async () => {
    const { instance, alice } = start();
    instance.say(alice, action(1, "late"));
    alice.take();
    await instance.move(5_000);
    expect(alice.take()).toMatchObject([{ type: "reject", seq: 1, error: { code: "TIMEOUT" } }]);
    await gates.open("late");
    instance.say(alice, action(2, "increment"));
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", result: 1 },
    ]);
    expect(instance.aborts).toEqual([]);
  });

  test("after two seconds others go on; the operator is told after one", async () => {
    const { instance, alice, bob, bobs } = start();
    instance.say(alice, action(1, "writeThenAwait", "slow"));
    instance.say(bob, bobs(1, "increment"));
    bob.take();
    await instance.move(1_000);
    expect(instance.warnings).toHaveLength(1);
    expect(bob.take()).toEqual([]);
    await instance.move(1_000);
    expect(bob.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", seq: 1 },
    ]);
    await gates.open("slow");
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 1, version: 2, result: "slow" });
  });

  test("in one frame: what is before it is durable before it starts, what is behind it waits for its turn only", async () => {
    const { instance, alice } = start();
    instance.say(alice, action(1, "increment"), action(2, "read"), action(3, "increment"));
    expect(alice.take()).toMatchObject([
      { type: "commit", version: 1 },
      { type: "ack", seq: 1 },
      { type: "commit", version: 2 },
      { type: "ack", seq: 3 },
      received(2),
    ]);
    await gates.open("read");
    expect(alice.take()).toMatchObject([{ type: "ack", seq: 2, result: { before: 1, after: 2 } }]);
  });

  test("a failed write at its end undoes it and decides nothing", async () => {
    const { port, fail } = failingPort(openNodeSqlite(":memory:"));
    const { instance, alice } = start({ sql: port });
    instance.say(alice, action(1, "increment"), action(2, "writeThenAwait", "z"));
    alice.take();
    fail(10);
    await gates.open("z");
    expect(alice.take()).toMatchObject([{ type: "busy", seq: 2 }]);
    fail(0);
    instance.say(alice, action(2, "writeThenAwait", "z"));
    await gates.open("z");
    expect(alice.take().at(-1)).toMatchObject({ type: "ack", seq: 2, result: "z" });
    expect(instance.join("carol").take()).toMatchObject([{ state: { log: ["begin z", "end z"] } }]);
  });

  test("its answer reaches the client on the socket that it has by then", async () => {
    const { instance, alice } = start();
    instance.say(alice, action(1, "read"));
    instance.host.disconnect(alice);
    const again = instance.join("alice", "c1");
    again.take();
    instance.say(again, action(1, "read"));
    expect(again.take()).toEqual([received(1)]);
    await gates.open("read");
    expect(again.take()).toMatchObject([{ type: "ack", seq: 1 }]);
  });
});
