import { describe, expect, test } from "vitest";
import { TestConnection, TestInstance } from "./host.fixture.ts";
import { Reader } from "./reader.fixture.ts";
import { action, testModule } from "./test-module.fixture.ts";

const hello = (id: string) =>
  ({ type: "hello", protocol: 1, clients: [{ id, settled: 0 }] }) as const;

describe("somebody who sends more than they may", () => {
  test("[G14] has the burst done and nothing more, over however many sockets, and holds up nobody else", () => {
    const instance = new TestInstance(testModule);
    const { rateBurst, socketsPerPrincipal } = instance.limits;
    const sockets = Array.from({ length: socketsPerPrincipal }, (_, index) =>
      instance.join("mallory", `m${index}`),
    );
    const bob = instance.join("bob", "c1");
    for (let seq = 1; seq <= 50; seq++) {
      for (const [index, socket] of sockets.entries()) {
        instance.say(socket, { ...action(seq, "increment"), client: `m${index}` });
      }
    }
    bob.take();
    instance.say(bob, action(1, "increment"));
    expect(bob.take()).toMatchObject([
      { type: "commit", version: rateBurst + 1 },
      { type: "ack", result: rateBurst + 1 },
    ]);
    // Told when to come back, and not before.
    const told = sockets.flatMap((socket) => socket.take());
    const busy = told.filter((message) => message.type === "busy");
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.every(({ retryAfter }) => retryAfter > 0)).toBe(true);
    expect(told.filter(({ type }) => type === "ack")).toHaveLength(rateBurst);
  });

  test("[G14] asks for the whole state over and over, and is handed no more than the limit", () => {
    const instance = new TestInstance(testModule, { limits: { unseenBytes: 300_000 } });
    const writer = instance.join("alice", "c1");
    instance.say(writer, action(1, "note", "x".repeat(50_000)));
    const mallory = new TestConnection("mallory");
    instance.host.connect(mallory);
    for (let ask = 0; ask < 200; ask++) instance.say(mallory, hello("m"));
    const handed = mallory.frames.reduce((sum, frame) => sum + frame.length, 0);
    // Less than what a client says in one `seen` may be in flight on top.
    expect(handed).toBeLessThanOrEqual(300_000 + instance.limits.seenEveryBytes);
    // And gets it, whole, when it reads at last.
    let unreported = 0;
    for (let frame = mallory.frames.shift(); frame; frame = mallory.frames.shift()) {
      unreported += frame.length;
      if (unreported < instance.limits.seenEveryBytes) continue;
      instance.say(mallory, { type: "seen", read: unreported });
      unreported = 0;
    }
    instance.say(writer, action(2, "increment"));
    expect(mallory.closed).toBeUndefined();
    expect(mallory.frames.join()).toContain('"commit"');
  });

  test("[G17] says to have read more than there was: it gains nothing for later", () => {
    const limits = { unseenBytes: 20_000, seenEveryBytes: 5_000, frameOutBytes: 4_000 };
    const instance = new TestInstance(testModule, { limits: { ...limits, rateBurst: 10_000 } });
    const mallory = new Reader(instance, { principal: "mallory", client: "m" });
    mallory.say({ type: "seen", read: Number.MAX_SAFE_INTEGER });
    const writer = new Reader(instance, { principal: "w", client: "c1", seenEvery: 5_000 });
    for (let seq = 1; seq <= 60; seq++) {
      writer.say(action(seq, "note", "x".repeat(1_000)));
      writer.readAll();
    }
    expect(mallory.unread).toBeLessThanOrEqual(20_000);
  });
});

describe("sockets that are gone", () => {
  test("[G14] make room when they are heard to be, and what waited for them is let go", async () => {
    const instance = new TestInstance(testModule, {
      limits: {
        socketsPerPrincipal: 2,
        unseenBytes: 20_000,
        seenEveryBytes: 5_000,
        rateBurst: 1e4,
      },
    });
    const [first, second] = [
      new Reader(instance, { client: "r1" }),
      new Reader(instance, { client: "r2" }),
    ];
    const writer = new Reader(instance, { principal: "w", client: "c1", seenEvery: 5_000 });
    for (let seq = 1; seq <= 60; seq++) {
      writer.say(action(seq, "note", "x".repeat(1_000)));
      writer.readAll();
    }
    const third = new Reader(instance, { client: "r3" });
    expect(third.connection.closed).toEqual({ code: 4429, reason: "TOO_MANY_SOCKETS" });
    instance.host.disconnect(first.connection);
    third.connect();
    expect(third.connection.closed).toBeUndefined();
    // Whose clock would have run out is not closed after it is gone.
    await instance.move(60_000);
    expect(first.connection.closed).toBeUndefined();
    expect(second.connection.closed).toEqual({ code: 4008, reason: "SLOW_READER" });
    expect(instance.aborts).toEqual([]);
  });

  test("[G14] a half-open link of the same client is replaced, and does not count twice", () => {
    const instance = new TestInstance(testModule, { limits: { socketsPerPrincipal: 3 } });
    const links: TestConnection[] = [];
    for (let attempt = 0; attempt < 10; attempt++) links.push(instance.join("alice", "c1"));
    expect(links.at(-1)?.closed).toBeUndefined();
    expect(links.slice(0, -1).every(({ closed }) => closed?.code === 1000)).toBe(true);
  });
});
