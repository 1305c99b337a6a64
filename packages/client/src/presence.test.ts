import { DEFAULT_LIMITS, type Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { createServer, setUp } from "./client.fixture.ts";
import { settle } from "./page.fixture.ts";
import { presence, type PresenceHandle } from "./presence.ts";

const { presenceEveryMs, presenceBytes } = DEFAULT_LIMITS;

/** A page that is live and takes part; `told` is what the server was told since. */
async function start() {
  const bench = setUp({ presence });
  // True because the contract of the fixture knows no presence: the server decides.
  const handle = bench.counter.presence as unknown as PresenceHandle<Value>;
  const seen: unknown[] = [];
  const leave = handle.subscribe(() => seen.push(handle.getSnapshot()));
  await settle();
  bench.server.accept(bench.page.socket);
  await settle();
  const told = (): unknown[] =>
    bench.page.socket
      .take()
      .flat()
      .filter(({ type }) => type !== "hello");
  return { ...bench, handle, leave, told, seen };
}

describe("presence", () => {
  test("[P100] is said behind the answer to hello, newest last, at most every 50 ms", async () => {
    const { handle, page, told } = await start();
    expect(told()).toEqual([{ type: "presence" }]);
    for (let x = 0; x < 40; x++) {
      handle.set({ x });
      await page.advance(5);
    }
    const sent = told() as { value: { x: number } }[];
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.length).toBeLessThanOrEqual(200 / presenceEveryMs + 1);
    await page.advance(presenceEveryMs);
    expect([...sent, ...told()].at(-1)).toEqual({ type: "presence", value: { x: 39 } });
    await page.advance(presenceEveryMs);
    handle.set({ x: 39 });
    await page.advance(1_000);
    expect(told()).toEqual([]);
    expect(handle.getSnapshot().mine).toEqual({ x: 39 });
    handle.set(undefined);
    expect(told()).toEqual([{ type: "presence" }]);
  });

  test("[P101] others come, move and go; this page's own entry is not one of them", async () => {
    const { handle, page, seen } = await start();
    page.socket.deliver({
      type: "present",
      you: "me",
      others: [
        { id: "a", value: 1 },
        { id: "me", value: 2 },
      ],
    });
    expect(handle.getSnapshot().others).toEqual([{ id: "a", value: 1 }]);
    page.socket.deliver({
      type: "present",
      others: [
        { id: "b", value: undefined },
        { id: "me", value: 3 },
      ],
    });
    expect(handle.getSnapshot().others).toEqual([
      { id: "a", value: 1 },
      { id: "b", value: undefined },
    ]);
    page.socket.deliver({ type: "present", others: [{ id: "a" }] });
    expect(handle.getSnapshot().others).toEqual([{ id: "b", value: undefined }]);
    expect(seen).toHaveLength(3);
    expect(handle.getSnapshot()).toBe(handle.getSnapshot());
  });

  test("is said again on a new connection; others stay for a moment, and then they do not", async () => {
    const { handle, page, server, told } = await start();
    handle.set("here");
    await page.advance(presenceEveryMs);
    page.socket.deliver({ type: "present", you: "me", others: [{ id: "a", value: 1 }] });
    page.socket.drop();
    await page.advance(100);
    expect(handle.getSnapshot().others).toHaveLength(1);
    handle.set("there");
    await page.advance(3_000);
    expect(page.sockets).toHaveLength(2);
    server.accept(page.socket);
    await page.advance(100);
    expect(told()).toEqual([{ type: "presence", value: "there" }]);
    expect(handle.getSnapshot().others).toHaveLength(1);
    page.socket.deliver({ type: "present", you: "me2", others: [{ id: "c", value: 3 }] });
    expect(handle.getSnapshot().others).toEqual([{ id: "c", value: 3 }]);
    page.socket.drop();
    await page.signal("offline");
    await page.advance(10_000);
    expect(handle.getSnapshot().others).toEqual([]);
  });

  test("who leaves for good takes it back, and lets the connection go; a moment does not count", async () => {
    const { handle, leave, page, told } = await start();
    handle.set("here");
    leave();
    await page.advance(500);
    const leaveAgain = handle.subscribe(() => undefined);
    await page.advance(5_000);
    expect(told()).toEqual([{ type: "presence" }, { type: "presence", value: "here" }]);
    expect(handle.getSnapshot().mine).toBe("here");
    leaveAgain();
    await page.advance(1_001);
    expect(told()).toEqual([{ type: "absent" }]);
    await page.advance(1_001);
    expect(page.liveSockets).toEqual([]);
    expect(handle.getSnapshot()).toEqual({ mine: undefined, others: [] });
    expect(page.timers).toBe(0);
  });

  test("[G14] what is too large or no value is refused at once, and changes nothing", async () => {
    const { handle, told } = await start();
    told();
    handle.set("x".repeat(presenceBytes - 2));
    expect(() => handle.set("x".repeat(presenceBytes - 1))).toThrow(
      expect.objectContaining({ code: "VALUE_TOO_LARGE" }),
    );
    expect(() => handle.set((() => 1) as never)).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED" }),
    );
    expect(handle.getSnapshot().mine).toHaveLength(presenceBytes - 2);
  });

  test("[G15] when the user changes, nobody whom the former one saw is shown", async () => {
    const { client, handle, page } = await start();
    page.socket.deliver({ type: "present", you: "me", others: [{ id: "a", value: 1 }] });
    await client.clear();
    expect(handle.getSnapshot().others).toEqual([]);
  });

  test("[G20] a server that does not know it, or a module that declares none, is no trouble", async () => {
    const { page, counter } = await start();
    expect(counter.getSnapshot().status).toBe("live");
    await page.advance(20_000);
    expect(page.sockets).toHaveLength(1);
  });

  test("a client without the machinery says which option it lacks", () => {
    const { counter } = setUp();
    expect(() => counter.presence).toThrow(/Pass \{ presence \}/);
    expect(() => counter.history).toThrow(/Pass \{ history \}/);
    expect(createServer().version).toBe(0);
  });
});
