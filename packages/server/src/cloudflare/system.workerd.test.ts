import type { ServerMessage } from "@holdfast/protocol";
import { evictDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { newSession, TestSocket } from "./worker.fixture.ts";

let keys = 0;

/** A page at a fresh instance of the class `Tasks` of packages/testing. */
async function page(): Promise<{ key: string; socket: TestSocket; join: () => Promise<unknown> }> {
  const key = `tasks-${Date.now()}-${keys++}`;
  const cookie = await newSession();
  const join = async (): Promise<ServerMessage | undefined> => {
    const other = await TestSocket.open(`/holdfast/connect/tasks?key=${key}`, { cookie });
    other.say({ type: "hello", protocol: 1, clients: [{ id: `c${keys++}`, settled: 0 }] });
    return (await other.take(1))[0];
  };
  const socket = await TestSocket.open(`/holdfast/connect/tasks?key=${key}`, { cookie });
  socket.say({ type: "hello", protocol: 1, clients: [{ id: "mine", settled: 0 }] });
  await socket.take(1);
  return { key, socket, join };
}

const call = (seq: number, name: string, payload?: string) =>
  ({
    type: "action",
    client: "mine",
    seq,
    settled: seq - 1,
    name,
    ...(payload === undefined ? {} : { payload }),
  }) as const;

test("[G10] a class keeps its fields over an eviction, on the same socket", async () => {
  const { key, socket, join } = await page();
  socket.say(call(1, "add", "one"));
  expect(await socket.take(2)).toMatchObject([{ type: "commit" }, { type: "ack", result: 1 }]);
  await evictDurableObject(exports.ModuleObject.getByName(`tasks/${key}`), {
    webSockets: "hibernate",
  });
  socket.say(call(2, "add", "two"));
  expect(await socket.take(2)).toMatchObject([{ type: "commit" }, { type: "ack", result: 2 }]);
  expect(await join()).toMatchObject({
    state: { tasks: [{ title: "a task: one" }, { title: "a task: two" }] },
  });
});

test("[G5] fields are found after each await, also when the action itself has woken the instance", async () => {
  const { key, socket, join } = await page();
  socket.say(call(1, "add", "one"));
  await socket.take(2);
  await evictDurableObject(exports.ModuleObject.getByName(`tasks/${key}`), {
    webSockets: "hibernate",
  });
  socket.say(call(2, "addSlowly", "two"));
  expect(await socket.take(3)).toMatchObject([
    { type: "received" },
    { type: "commit" },
    { type: "ack", result: 2 },
  ]);
  socket.say(call(3, "failSlowly"));
  expect(await socket.take(2)).toMatchObject([{ type: "received" }, { type: "reject", seq: 3 }]);
  expect(await join()).toMatchObject({ version: 2, state: { tasks: [{}, {}] } });
});

test("[G4] what an action writes to the database itself is undone with it, also on a Durable Object", async () => {
  const { socket, join } = await page();
  socket.say(
    call(1, "log", "one"),
    { ...call(2, "log", "throw"), settled: 0 },
    call(3, "log", "two"),
  );
  expect((await socket.take(5)).map(({ type }) => type)).toEqual([
    "commit",
    "ack",
    "reject",
    "commit",
    "ack",
  ]);
  socket.say(call(4, "logged"));
  expect(await socket.take(1)).toMatchObject([{ type: "ack", result: ["one/one", "two/two"] }]);
  expect(await join()).toMatchObject({ state: { tasks: [{}, {}] } });
});
