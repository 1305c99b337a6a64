import { describe, expect, test } from "vitest";
import { goLive, put, setUp } from "./client.fixture.ts";
import { settle } from "./page.fixture.ts";

describe("events", () => {
  test("reach those who listen for them, in order, with the state of their commit", async () => {
    const { page, counter, server } = await goLive();
    const heard: unknown[] = [];
    counter.on("rang", (data) => heard.push(data, counter.getSnapshot().state?.n));
    const stop = counter.on("bell", (data) => heard.push(data));
    const commit = { type: "commit", version: 1, mark: "m", patches: [put("n", 5)] } as const;
    page.socket.deliver(
      commit,
      { type: "event", event: "rang", data: { at: 1 } },
      { type: "event", event: "bell" },
      { type: "event", event: "others", data: 1 },
    );
    expect(heard).toEqual([{ at: 1 }, 5, undefined]);
    stop();
    stop();
    page.socket.deliver({ type: "event", event: "bell" });
    expect(heard).toHaveLength(3);
    expect(server.version).toBe(0);
  });

  test("a listener keeps the connection open, like a subscriber", async () => {
    const { page, counter, server } = setUp();
    const stop = counter.on("bell", () => undefined);
    await settle();
    server.accept(page.socket);
    await page.advance(10_000);
    expect(page.liveSockets).toHaveLength(1);
    stop();
    await page.advance(2_000);
    expect(page.liveSockets).toHaveLength(0);
  });

  test("a listener that throws harms neither the others nor the connection", async () => {
    const { page, counter } = await goLive();
    const heard: unknown[] = [];
    counter.on("bell", () => {
      throw new Error("mistake");
    });
    counter.on("bell", () => heard.push("bell"));
    page.socket.deliver({ type: "event", event: "bell" });
    expect(heard).toEqual(["bell"]);
    expect(page.liveSockets).toHaveLength(1);
    expect(page.reports.map(({ message }) => message).join()).toContain("a listener threw");
  });

  test("what comes before the greeting is not told, nor what follows no state at hand", async () => {
    const { page, counter, server } = setUp();
    const heard: unknown[] = [];
    counter.on("bell", () => heard.push("bell"));
    await settle();
    page.socket.open();
    page.socket.deliver({ type: "event", event: "bell" });
    expect(heard).toEqual([]);
    server.handle(page.socket);
    page.socket.deliver(
      { type: "commit", version: 7, mark: "m", patches: [] },
      { type: "event", event: "bell" },
    );
    expect(heard).toEqual([]);
  });

  test("only events that the contract has, with their data, compile", async () => {
    const { counter, client } = setUp();
    // @ts-expect-error no such event
    counter.on("missing", () => undefined);
    // @ts-expect-error the data has no such field
    counter.on("rang", (data) => data.missing);
    // @ts-expect-error what is shared is not changed
    counter.on("rang", (data) => (data.at = 1));
    // @ts-expect-error a room emits nothing
    client.module("room", "a").on("bell", () => undefined);
    expect(counter.on).toBeTypeOf("function");
  });
});
