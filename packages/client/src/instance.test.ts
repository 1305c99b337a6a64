import { CloseCode } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { goLive, put, setUp } from "./client.fixture.ts";
import { settle } from "./page.fixture.ts";

describe("one socket", () => {
  test("however many handles, subscribers and actions an instance has", async () => {
    const { page, client, counter } = setUp();
    counter.subscribe(() => undefined);
    client.module("counter").subscribe(() => undefined);
    void client.module("counter").actions.add();
    await page.advance(100);
    expect(page.sockets).toHaveLength(1);
  });

  test("closes a moment after the last subscriber is gone, not before, and for good", async () => {
    const { page, client, server } = setUp();
    const counter = client.module("counter");
    const other = client.module("counter");
    const unsubscribe = [counter.subscribe(() => undefined), other.subscribe(() => undefined)];
    await settle();
    server.accept(page.socket);
    unsubscribe[0]?.();
    await page.advance(5_000);
    expect(page.liveSockets).toHaveLength(1);
    unsubscribe[1]?.();
    await page.advance(900);
    const again = counter.subscribe(() => undefined);
    await page.advance(5_000);
    expect(page.sockets).toHaveLength(1);
    expect(page.liveSockets).toHaveLength(1);
    again();
    // A second call is no second leaving.
    again();
    await page.advance(1_100);
    expect(page.socket.closedWith).toBe(1000);
    expect(counter.getSnapshot()).toMatchObject({ status: "connecting", restored: false });
    await page.advance(120_000);
    expect(page.sockets).toHaveLength(1);
    expect(page.timers).toBe(0);
    expect(page.signalListeners).toBe(0);
  });

  test("opens anew for the next subscriber after that", async () => {
    const { page, counter, server } = setUp();
    counter.subscribe(() => undefined)();
    await page.advance(2_000);
    counter.subscribe(() => undefined);
    await settle();
    server.accept(page.socket);
    expect(counter.getSnapshot().status).toBe("live");
    expect(page.liveSockets).toHaveLength(1);
  });

  test("is not let go by somebody who leaves the one before it a second time", async () => {
    const { page, counter, server } = setUp();
    const leave = counter.subscribe(() => undefined);
    leave();
    await page.advance(2_000);
    counter.subscribe(() => undefined);
    await settle();
    server.accept(page.socket);
    leave();
    await page.advance(2_000);
    expect(counter.getSnapshot().status).toBe("live");
    counter.subscribe(() => undefined);
    await page.advance(100);
    expect(page.liveSockets).toHaveLength(1);
  });

  test("[G2] stays open without subscribers as long as an action is unanswered", async () => {
    const { page, counter, server } = setUp();
    const promise = counter.actions.add();
    await settle();
    server.accept(page.socket);
    await page.advance(20_000);
    expect(page.liveSockets).toHaveLength(1);
    server.handle(page.socket);
    expect(await promise).toBe(1);
    await page.advance(1_100);
    expect(page.liveSockets).toHaveLength(0);
  });

  test("more than 30 on a page are named to the developer, once", async () => {
    const { page, client } = setUp();
    for (let index = 0; index < 35; index++) {
      client.module("room", `room ${index}`).subscribe(() => undefined);
      expect(page.reports).toHaveLength(index < 30 ? 0 : 1);
    }
  });

  test("[G6] a late message or close of a superseded socket is ignored", async () => {
    const { page, counter, server } = await goLive();
    const old = page.socket;
    old.answersPings = false;
    server.commit(put("n", 5));
    while (page.sockets.length === 1) await page.advance(500);
    server.accept(page.socket);
    expect(counter.getSnapshot()).toMatchObject({ status: "live", state: { n: 5 } });
    const before = counter.getSnapshot();
    old.deliver({ type: "commit", version: 2, mark: "x", patches: [put("n", 99)] });
    old.drop(CloseCode.forbidden);
    await page.advance(3_000);
    expect(counter.getSnapshot()).toBe(before);
    expect(page.liveSockets).toHaveLength(1);
  });
});
