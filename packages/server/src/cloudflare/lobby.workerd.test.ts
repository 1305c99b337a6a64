import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ModuleObjectInstance } from "./objects.ts";
import { newSession, TestSocket } from "./worker.fixture.ts";

let keys = 0;

interface Place {
  readonly join: (client: string) => Promise<TestSocket>;
  readonly object: DurableObjectStub<ModuleObjectInstance & Rpc.DurableObjectBranded>;
  readonly hibernate: () => Promise<void>;
}

/** A fresh lobby of packages/testing. */
function place(): Place {
  const key = `lobby-${Date.now()}-${keys++}`;
  // The tests' own worker exports the class of that name.
  const object = exports.ModuleObject.getByName(`lobby/${key}`) as unknown as Place["object"];
  return {
    object,
    join: async (client) => {
      const cookie = await newSession();
      const socket = await TestSocket.open(`/holdfast/connect/lobby?key=${key}`, { cookie });
      socket.say({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] });
      return socket;
    },
    hibernate: () => evictDurableObject(object, { webSockets: "hibernate" }),
  };
}

const call = (client: string, seq: number, name: string, payload?: string | number) =>
  ({
    type: "action",
    client,
    seq,
    settled: seq - 1,
    name,
    ...(payload === undefined ? {} : { payload }),
  }) as const;

describe("on a Durable Object", () => {
  test("hooks count who is there, also when the last word of a socket wakes the instance", async () => {
    const { join, hibernate } = place();
    const one = await join("one");
    expect(await one.take(1)).toMatchObject([{ type: "snapshot", state: { online: 1, wakes: 0 } }]);
    const two = await join("two");
    expect(await two.take(1)).toMatchObject([{ state: { online: 2 } }]);
    expect(await one.take(1)).toMatchObject([{ type: "commit", version: 2 }]);
    await hibernate();
    two.close();
    // What waking changed, and then what the going changed.
    expect(await one.take(2)).toMatchObject([
      { type: "commit", version: 3, patches: [{ path: ["wakes"], value: 1 }] },
      { type: "commit", version: 4, patches: [{ path: ["online"], value: 1 }] },
    ]);
  });

  test("[G15] a hand is on nobody else's wire", async () => {
    const { join, hibernate } = place();
    const [one, two] = [await join("one"), await join("two")];
    await two.take(1);
    one.say(call("one", 1, "hold", "the ace of spades"));
    const seen = await two.take(1);
    expect(seen).toMatchObject([{ type: "commit", patches: [] }]);
    await hibernate();
    const three = await join("three");
    const [snapshot] = await three.take(1);
    expect(snapshot).toMatchObject({ type: "snapshot", state: { hands: {} } });
    expect(JSON.stringify([seen, snapshot])).not.toContain("spades");
  });

  test("[G2] [G10] a scheduled action runs once, by the object's own alarm, and is heard of", async () => {
    const { join, object, hibernate } = place();
    const one = await join("one");
    await one.take(1);
    one.say(call("one", 1, "ringLater", 3_600_000));
    await one.take(1);
    expect((await object.holdfastInspect()).scheduled).toHaveLength(1);
    one.say(call("one", 2, "ringLater", 50));
    await one.take(1);
    const rang = await one.take(2);
    expect(rang).toMatchObject([
      { type: "commit", patches: [{ path: ["rung"], value: 1 }] },
      { type: "event", event: "rang", data: { times: 1 } },
    ]);
    await hibernate();
    expect((await object.holdfastInspect()).scheduled).toHaveLength(1);
  });

  test("ephemeral keys are there for who comes back within a minute, whatever rings", async () => {
    const { join, object } = place();
    const one = await join("one");
    await one.take(1);
    one.say(call("one", 1, "type", "draft"));
    await one.take(2);
    one.close();
    await expect.poll(() => object.holdfastInspect()).toMatchObject({ connections: 0 });
    const two = await join("two");
    expect(await two.take(1)).toMatchObject([{ state: { typing: "draft", online: 1 } }]);
    // Nobody is gone: an alarm that rings changes nothing.
    await runDurableObjectAlarm(object);
    const three = await join("three");
    expect(await three.take(1)).toMatchObject([{ state: { typing: "draft" } }]);
  });

  test("an export is imported elsewhere; who is connected there is given it", async () => {
    const from = place();
    const one = await from.join("one");
    await one.take(1);
    one.say(call("one", 1, "ring"), call("one", 2, "type", "draft"));
    await one.take(5);
    const backup = await from.object.holdfastExport();
    const to = place();
    const two = await to.join("two");
    await two.take(1);
    await to.object.holdfastImport(backup);
    const [snapshot] = await two.take(1);
    expect(snapshot).toMatchObject({ type: "snapshot", state: { rung: 1, typing: "" } });
    await to.object.holdfastDestroy();
    expect(await two.take(1)).toMatchObject([{ type: "snapshot", state: { rung: 0 } }]);
  });

  test("[G10] [P101] presence outlives hibernation, and a socket that goes while nobody is awake is told of", async () => {
    const { join, hibernate } = place();
    const ann = await join("ann");
    await ann.take(1);
    ann.say({ type: "presence", value: { cursor: 1 } });
    expect(await ann.take(1)).toMatchObject([
      { type: "present", others: [{ value: { cursor: 1 } }] },
    ]);
    const ben = await join("ben");
    await Promise.all([ann.take(1), ben.take(1)]);
    ben.say({ type: "presence", value: { cursor: 2 } });
    expect(await ben.take(1)).toMatchObject([{ you: expect.any(String), others: [{}, {}] }]);
    expect(await ann.take(1)).toMatchObject([{ others: [{ value: { cursor: 2 } }] }]);
    await hibernate();
    ben.say({ type: "presence", value: { cursor: 3 } });
    // The commit is that of the wake itself, which counts.
    const [waking, moved] = await ann.take(2);
    expect(waking).toMatchObject({ type: "commit" });
    expect(moved).toMatchObject({ type: "present", others: [{ value: { cursor: 3 } }] });
    ann.say(call("ann", 1, "here"));
    expect(await ann.take(1)).toMatchObject([{ type: "ack", result: [1, 3] }]);
    await hibernate();
    ben.close();
    const told = await ann.take(3);
    const gone = told.find(({ type }) => type === "present");
    expect(gone).toEqual({ type: "present", others: [{ id: expect.any(String) }] });
  });
});
