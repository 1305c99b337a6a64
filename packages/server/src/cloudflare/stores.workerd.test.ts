import type { ServerMessage } from "@holdfast/protocol";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { newSession, TestSocket } from "./worker.fixture.ts";

const WAIT = { timeout: 20_000, interval: 20 };
let names = 0;
const freshName = () => `name ${Date.now()}-${names++}`;
const sessionOf = (cookie: string) => cookie.slice("holdfast_session=".length).split(".")[0] ?? "";

/** The object that has the value at a key of the module's own. */
function objectOf(own: string) {
  const key = `wishes/${encodeURIComponent(own)}`;
  return exports.ModuleObject.getByName(`wishes/${encodeURIComponent(`key:${key}`)}`);
}

/** Which version the object knows to be saved. */
function saved(own: string): Promise<unknown> {
  return runInDurableObject(objectOf(own), async (_, { storage }) =>
    storage.sql.exec("SELECT version FROM holdfast_saved").toArray(),
  );
}

/** The object loses its memory and its disk. */
async function lose(own: string): Promise<void> {
  await runInDurableObject(objectOf(own), async (_, { storage }) => storage.deleteAll());
  await evictDurableObject(objectOf(own), { webSockets: "close" });
}

async function open(cookie: string, client: string) {
  const socket = await TestSocket.open("/holdfast/connect/wishes", { cookie });
  socket.say({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] });
  const [greeting] = await socket.take(2);
  let seq = 0;
  const send = (name: string, payload?: string) =>
    socket.say({
      type: "action",
      client,
      seq: ++seq,
      settled: 0,
      name,
      ...(payload === undefined ? {} : { payload }),
    });
  return { socket, send, state: stateOf(greeting) };
}

function stateOf(greeting: ServerMessage | undefined): unknown {
  if (greeting?.type === "snapshot") return greeting.state;
  throw new Error(`not greeted: ${JSON.stringify(greeting)}`);
}

test("what a store has is there when the object has lost everything", async () => {
  const cookie = await newSession();
  const own = `session ${sessionOf(cookie)}`;
  const page = await open(cookie, "one");
  expect(page.state).toEqual({ who: "", list: [], rung: 0 });
  page.send("add", "a bicycle");
  await page.socket.take(2);
  page.socket.close();
  await vi.waitFor(async () => expect(await saved(own)).toEqual([{ version: 1 }]), WAIT);
  await lose(own);
  expect((await open(cookie, "two")).state).toMatchObject({ list: ["a bicycle"] });
});

test("[G10] an object that was evicted goes on, and saves what was not saved", async () => {
  const cookie = await newSession();
  const own = `session ${sessionOf(cookie)}`;
  const page = await open(cookie, "one");
  page.send("add", "a bicycle");
  await page.socket.take(2);
  await evictDurableObject(objectOf(own), { webSockets: "hibernate" });
  page.send("add", "a bell");
  await page.socket.take(2);
  await vi.waitFor(async () => expect(await saved(own)).toEqual([{ version: 2 }]), WAIT);
  await lose(own);
  expect((await open(cookie, "two")).state).toMatchObject({ list: ["a bicycle", "a bell"] });
});

test("[G22] an action that makes the key another one moves its session; equal keys share one instance", async () => {
  const [who, cookie, other] = [freshName(), await newSession(), await newSession()];
  const guest = await open(cookie, "one");
  guest.send("add", "nobody's");
  await guest.socket.take(2);
  guest.send("be", who);
  const { messages } = await guest.socket.untilClosed();
  expect(messages.at(-1)).toEqual({ type: "rebind" });
  const page = await open(cookie, "two");
  expect(page.state).toEqual({ who, list: [], rung: 0 });

  const elsewhere = await open(other, "three");
  elsewhere.send("be", who);
  await elsewhere.socket.untilClosed();
  const phone = await open(other, "four");
  page.send("add", "a bell");
  expect(await phone.socket.take(1)).toMatchObject([{ type: "commit", patches: [{}] }]);
  await vi.waitFor(async () => expect(await saved(who)).not.toEqual([]), WAIT);
});

test("a commit on nobody's behalf keeps the key, and may not change it", async () => {
  const [who, cookie] = [freshName(), await newSession()];
  const guest = await open(cookie, "one");
  guest.send("be", who);
  await guest.socket.untilClosed();
  const page = await open(cookie, "two");
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  page.send("beLater", "somebody else");
  await page.socket.take(1);
  await runDurableObjectAlarm(objectOf(who));
  await vi.waitFor(() => expect(errors).toHaveBeenCalled(), WAIT);
  expect(String(errors.mock.calls[0]?.[1])).toContain("key of this module");
  errors.mockRestore();
  page.send("ringLater");
  await page.socket.take(1);
  await runDurableObjectAlarm(objectOf(who));
  expect(await page.socket.take(1)).toMatchObject([
    { type: "commit", patches: [{ path: ["rung"], value: 1 }] },
  ]);
});
