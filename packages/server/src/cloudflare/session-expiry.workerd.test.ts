import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { ask, newSession, TestSocket } from "./worker.fixture.ts";

const hello = (client: string) =>
  ({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] }) as const;
const write = (client: string, line: string) =>
  ({ type: "action", client, seq: 1, settled: 0, name: "write", payload: line }) as const;
const expired = async () => (await (await ask("/test/expired")).json()) as { lines: string[] }[];

test("a session that was idle for its time to live is deleted by the object's own alarm, whole; then onExpire runs", async () => {
  const cookie = await newSession();
  const line = `dear diary ${cookie}`;
  const session = cookie.slice("holdfast_session=".length).split(".")[0] ?? "";
  const object = exports.ModuleObject.getByName(`visit/${session}`);
  const page = await TestSocket.open("/holdfast/connect/visit", { cookie });
  page.say(hello("c1"));
  await page.take(1);
  page.say(write("c1", line));
  await page.take(2);
  const stored = () =>
    runInDurableObject(object, async (_, { storage }) => ({
      alarm: await storage.getAlarm(),
      tables: storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
        .toArray()
        .map(({ name }) => name),
    }));
  expect(await stored()).toMatchObject({ alarm: expect.any(Number) });

  // While the page is there, also one that sleeps, nothing ends.
  await evictDurableObject(object, { webSockets: "hibernate" });
  await runDurableObjectAlarm(object);
  expect((await stored()).tables).toContain("own");
  expect(await expired()).not.toContainEqual({ lines: [line] });

  page.close();
  await vi.waitFor(async () => expect(await expired()).toContainEqual({ lines: [line] }), 20_000);
  await vi.waitFor(async () => expect(await stored()).toEqual({ alarm: null, tables: [] }), 10_000);

  // It is a session still, and begins anew.
  const again = await TestSocket.open("/holdfast/connect/visit", { cookie });
  again.say(hello("c2"));
  expect(await again.take(1)).toMatchObject([
    { type: "snapshot", version: 0, state: { lines: [] } },
  ]);
  again.say(write("c2", "a new page"));
  expect(await again.take(2)).toMatchObject([{ type: "commit", version: 1 }, { type: "ack" }]);
  again.close();
});
