import { type ActionMessage, PROTOCOL_VERSION, type ServerMessage } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { app } from "../module/builder.ts";
import { global } from "../module/key-strategy.ts";
import { durableObjectStore } from "../module/store.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { failingPort } from "./failing-port.fixture.ts";
import { Gates } from "./gates.fixture.ts";
import { settled, TestInstance } from "./host.fixture.ts";

const gates = new Gates();

const module = app
  .defineState({ log: [] as string[] })
  .persist(durableObjectStore(global()))
  .onAction("note", ({ state }, text: string) => void state.log.push(text))
  .onAction("hold", async ({ state }, text: string) => {
    state.log.push(text);
    await gates.wait(text);
  })
  .build();

const note = (client: string, seq: number, text: string, name = "note"): ActionMessage => {
  return { type: "action", client, seq, settled: seq - 1, name, payload: text };
};

/** Three users on one instance, whose pauses end when the test says so. */
function crowd(options: { readonly pauses?: boolean } = {}) {
  const database = openNodeSqlite(":memory:");
  const { port, fail } = failingPort(database);
  const pauses: (() => void)[] = [];
  const pause = (): Promise<void> => new Promise((resolve) => void pauses.push(resolve));
  const goOn = async (): Promise<void> => {
    for (const resume of pauses.splice(0)) resume();
    await settled();
  };
  const instance = new TestInstance(module, {
    sql: port,
    limits: { ratePerSecond: 1_000, rateBurst: 1_000, openSequences: 1_000 },
    ...(options.pauses !== false && { pause }),
  });
  const alice = instance.join("alice", "a");
  const ben = instance.join("ben", "b");
  const cleo = instance.join("cleo", "c");
  for (const one of [alice, ben, cleo]) one.take();
  return {
    instance,
    alice,
    ben,
    cleo,
    fail,
    isPausing: () => pauses.length > 0,
    goOn,
    /** All pauses, until nobody waits any more. */
    rest: async (): Promise<void> => {
      while (pauses.length > 0) await goOn();
    },
    writes: () => Number(port.run("SELECT count(*) AS n FROM holdfast_journal")[0]?.["n"]),
    log: () => {
      const late = instance.join("dora", "d");
      const [snapshot] = late.take();
      return snapshot?.type === "snapshot" ? (snapshot.state as { log: string[] }).log : undefined;
    },
  };
}

const kinds = (messages: readonly ServerMessage[]): string[] =>
  messages.map((message) =>
    `${message.type} ${"version" in message ? message.version : ""}`.trim(),
  );

describe("frames that arrive together", () => {
  test("[G1] [G21] share one durable write; everybody is told of all in one frame, and of answers only one's own", async () => {
    const { instance, alice, ben, cleo, rest, writes, log } = crowd();
    instance.say(alice, note("a", 1, "alone"));
    expect(kinds(alice.take())).toEqual(["commit 1", "ack 1"]);
    for (const one of [ben, cleo]) one.take();
    const before = writes();
    instance.say(ben, note("b", 1, "ben"));
    instance.say(cleo, note("c", 1, "cleo"));
    expect([alice, ben, cleo].flatMap((one) => one.frames)).toEqual([]);
    instance.say(alice, note("a", 2, "alice"));
    await rest();
    expect(writes()).toBe(before + 1);
    expect([alice, ben, cleo].map((one) => one.frames.length)).toEqual([1, 1, 1]);
    expect(kinds(ben.take())).toEqual(["commit 2", "ack 2", "commit 3", "commit 4"]);
    expect(kinds(cleo.take())).toEqual(["commit 2", "commit 3", "ack 3", "commit 4"]);
    expect(kinds(alice.take())).toEqual(["commit 2", "commit 3", "commit 4", "ack 4"]);
    expect(log()).toEqual(["alone", "ben", "cleo", "alice"]);
  });

  test("who acts alone is answered at once, and so is everybody where a platform has no pauses", () => {
    const { instance, alice, ben, isPausing } = crowd();
    for (const seq of [1, 2, 3]) {
      instance.say(alice, note("a", seq, "again"));
      expect(kinds(alice.take())).toEqual([`commit ${seq}`, `ack ${seq}`]);
    }
    instance.now += 11;
    instance.say(ben, note("b", 1, "later"));
    expect(kinds(ben.take())).toContain("ack 4");
    expect(isPausing()).toBe(false);

    const other = crowd({ pauses: false });
    other.instance.say(other.alice, note("a", 1, "alice"));
    other.instance.say(other.ben, note("b", 1, "ben"));
    expect(kinds(other.ben.take())).toEqual(["commit 1", "commit 2", "ack 2"]);
  });

  test("[G2] a client that does not wait for its answers is one of them, in its order", async () => {
    const { instance, alice, rest, writes, log } = crowd();
    const texts = ["one", "two", "three", "four", "five"];
    for (const [index, text] of texts.entries()) {
      instance.say(alice, { ...note("a", index + 1, text), settled: 0 });
    }
    expect(kinds(alice.take())).toEqual(["commit 1", "ack 1"]);
    await rest();
    expect(kinds(alice.take()).filter((kind) => kind.startsWith("ack"))).toHaveLength(4);
    expect(writes()).toBe(2);
    expect(log()).toEqual(texts);
  });

  test("they wait as long as more of them come, and no longer", async () => {
    const { instance, alice, ben, cleo, goOn, isPausing } = crowd();
    instance.say(alice, note("a", 1, "first"));
    instance.say(ben, note("b", 1, "second"));
    await goOn();
    instance.say(cleo, note("c", 1, "third"));
    await goOn();
    await goOn();
    expect(ben.take()).toHaveLength(1);
    expect(isPausing()).toBe(true);
    await goOn();
    expect(kinds(ben.take())).toEqual(["commit 2", "ack 2", "commit 3"]);
    expect(isPausing()).toBe(false);
  });

  test("they wait no longer than until all who act are here", () => {
    const { instance, alice, ben, cleo } = crowd();
    instance.say(alice, note("a", 1, "first"));
    instance.say(ben, note("b", 1, "second"));
    expect(kinds(ben.take())).toEqual(["commit 1"]);
    instance.say(alice, note("a", 2, "third"));
    expect(kinds(ben.take())).toEqual(["commit 2", "ack 2", "commit 3"]);
    // Who has gone is not waited for, and who has not acted of late is not either.
    instance.say(ben, note("b", 2, "fourth"));
    instance.host.disconnect(alice);
    instance.say(cleo, note("c", 1, "fifth"));
    expect(kinds(ben.take())).toEqual(["commit 4", "ack 4", "commit 5"]);
    instance.now += 11;
    instance.say(ben, note("b", 3, "sixth"));
    expect(kinds(ben.take())).toEqual(["commit 6", "ack 6"]);
  });

  test("the pause of those who wait no more is nobody's", async () => {
    const { instance, alice, ben, goOn } = crowd();
    instance.say(alice, note("a", 1, "first"));
    instance.say(ben, note("b", 1, "second"));
    await goOn();
    const clients = [{ id: "b", settled: 0 }];
    instance.say(ben, { type: "hello", protocol: PROTOCOL_VERSION, clients });
    instance.say(ben, note("b", 2, "third"));
    ben.take();
    await goOn();
    expect(ben.take()).toEqual([]);
    await goOn();
    expect(kinds(ben.take())).toEqual(["commit 3", "ack 3"]);
  });

  test("no more wait than a bound", async () => {
    const { instance, alice, ben, rest } = crowd();
    instance.say(alice, note("a", 1, "first"));
    ben.take();
    let seq = 0;
    while (ben.frames.length === 0 && seq < 1_000) {
      const three = [1, 2, 3].map(() => note("b", ++seq, "x"));
      instance.say(ben, ...three);
    }
    expect(seq).toBe(258);
    expect(kinds(ben.take()).filter((kind) => kind.startsWith("ack"))).toHaveLength(258);
    // What comes behind is a group of its own.
    instance.say(ben, { ...note("b", 259, "y"), settled: 257 });
    expect(ben.frames).toEqual([]);
    await rest();
    expect(kinds(ben.take())).toEqual(["commit 260", "ack 260"]);
  });

  test("[G4] when their write fails, all are undone and tried one by one", async () => {
    const { instance, alice, ben, cleo, fail, rest, log } = crowd();
    instance.say(alice, note("a", 1, "alone"));
    instance.say(ben, note("b", 1, "ben"));
    instance.say(cleo, note("c", 1, "cleo"));
    for (const one of [alice, ben, cleo]) one.take();
    // The write of both, and the first one alone.
    fail(2);
    await rest();
    expect(kinds(ben.take())).toEqual(["busy"]);
    expect(kinds(cleo.take())).toEqual(["busy"]);
    for (const [who, client] of [[ben, "b"] as const, [cleo, "c"] as const]) {
      instance.say(who, note(client, 1, client));
      await rest();
    }
    expect(log()).toEqual(["alone", "b", "c"]);
  });

  test("[G2] a frame that has arrived counts, whether or not its connection is still there", async () => {
    const { instance, alice, ben, cleo, rest, log } = crowd();
    instance.say(alice, note("a", 1, "first"));
    instance.say(ben, note("b", 1, "before it went"));
    instance.host.disconnect(ben);
    instance.say(cleo, note("c", 1, "before its nonsense"));
    instance.host.receive(cleo, "nonsense");
    expect(cleo.closed).toBeDefined();
    await rest();
    expect(log()).toEqual(["first", "before it went", "before its nonsense"]);
    expect(kinds(alice.take())).toEqual(["commit 1", "ack 1", "commit 2", "commit 3"]);
  });

  test("[G2] a `hello` is answered behind what the same connection has sent", async () => {
    const { instance, alice, ben } = crowd();
    instance.say(alice, note("a", 1, "first"));
    instance.say(ben, note("b", 1, "second"));
    ben.take();
    const clients = [{ id: "b", settled: 0 }];
    instance.say(ben, { type: "hello", protocol: PROTOCOL_VERSION, clients });
    expect(kinds(ben.take())).toEqual(["commit 2", "ack 2", "snapshot 2", "ack 2"]);
  });

  test("[G2] what comes twice is done once, and is not said to be under way when it is done", async () => {
    const { instance, alice, ben, rest, log } = crowd();
    instance.say(alice, note("a", 1, "first"));
    ben.take();
    for (let times = 0; times < 2; times++) instance.say(ben, note("b", 1, "once"));
    await rest();
    expect(kinds(ben.take())).toEqual(["commit 2", "ack 2"]);
    expect(log()).toEqual(["first", "once"]);
  });

  test("[G5] behind somebody who holds the turn they wait there, and not for each other", async () => {
    const { instance, alice, ben, cleo, isPausing, log } = crowd();
    instance.say(alice, note("a", 1, "held", "hold"));
    instance.say(ben, note("b", 1, "ben"));
    instance.say(cleo, note("c", 1, "cleo"));
    expect(isPausing()).toBe(false);
    expect(kinds(cleo.take())).toEqual(["received"]);
    await gates.open("held");
    expect(log()).toEqual(["held", "ben", "cleo"]);
  });
});
