import { PONG_FRAME } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { goLive, put, setUp } from "../client.fixture.ts";
import { settle } from "../page.fixture.ts";

describe("a half-open link", () => {
  test("[G13] [P44] is noticed within 15 s while the page is visible", async () => {
    const { page, counter } = await goLive();
    page.socket.answersPings = false;
    await page.advance(15_000);
    expect(page.sockets[0]?.pings).toBeGreaterThan(0);
    expect(counter.getSnapshot().status).toBe("reconnecting");
    expect(page.sockets[0]?.closedWith).toBe(1000);
  });

  test("anything that arrives keeps it", async () => {
    const { page, counter, server } = await goLive();
    await page.advance(60_000);
    expect(page.socket.pings).toBe(12);
    page.socket.answersPings = false;
    for (let second = 0; second < 60; second += 4) {
      await page.advance(4_000);
      server.commit(put("n", second));
    }
    expect(counter.getSnapshot().status).toBe("live");
    expect(page.sockets).toHaveLength(1);
  });

  test("a slow upload is no dead link as long as it gets on", async () => {
    const { page, counter } = await goLive();
    page.socket.answersPings = false;
    page.socket.bufferedAmount = 100_000;
    for (let second = 0; second < 40; second += 2) {
      await page.advance(2_000);
      page.socket.bufferedAmount -= 1_000;
    }
    expect(counter.getSnapshot().status).toBe("live");
    await page.advance(15_000);
    expect(counter.getSnapshot().status).toBe("reconnecting");
  });

  test("[G13] while the page is hidden nothing is sent; once visible it is noticed at once", async () => {
    const { page, counter } = await goLive();
    page.socket.answersPings = false;
    await page.signal("hidden");
    await page.advance(600_000);
    expect(page.socket.pings).toBe(0);
    expect(counter.getSnapshot().status).toBe("live");
    await page.signal("visible");
    expect(page.socket.pings).toBe(1);
    await page.advance(3_000);
    // Somebody is waiting: the next attempt does not wait for its turn.
    expect(page.sockets).toHaveLength(2);
  });

  test("a machine that slept asks with a short deadline", async () => {
    const { page } = await goLive();
    page.socket.answersPings = false;
    page.now += 3_600_000;
    await page.advance(1);
    expect(page.socket.pings).toBe(1);
    await page.advance(2_990);
    expect(page.socket.closedWith).toBe(undefined);
    await page.advance(10);
    expect(page.sockets[0]?.closedWith).toBe(1000);
  });

  test("[G13] a socket that never opens, and one that never answers, are given up", async () => {
    const { page, counter } = setUp();
    counter.subscribe(() => undefined);
    await page.advance(15_000);
    expect(page.sockets[0]?.closedWith).toBeDefined();
    expect(page.sockets).toHaveLength(2);
    page.socket.open();
    await page.advance(30_000);
    expect(page.sockets[1]?.closedWith).toBeDefined();
  });

  test("[G13] a snapshot that takes longer and longer still arrives", async () => {
    const { page, counter, server } = setUp();
    counter.subscribe(() => undefined);
    await settle();
    // The link needs 25 s for the first answer.
    for (let guard = 0; guard < 10 && counter.getSnapshot().status !== "live"; guard++) {
      const { socket } = page;
      socket.open();
      await page.advance(25_000);
      if (socket === page.socket && socket.readyState === 1) server.handle(socket);
      else await page.advance(31_000);
    }
    expect(counter.getSnapshot().status).toBe("live");
  });
});

describe("offline and online", () => {
  test("[G13] offline shows at once and is not tried busily; online connects at once", async () => {
    const { page, counter, server } = await goLive();
    page.socket.answersPings = false;
    await page.signal("offline");
    expect(counter.getSnapshot().status).toBe("offline");
    // Chance is on the side of haste.
    page.random = () => 0;
    const { length } = page.sockets;
    page.socket.drop();
    for (let second = 0; second < 60; second++) {
      await page.advance(1_000);
      if (page.socket.readyState === 0) page.socket.fail();
    }
    expect(page.sockets.length - length).toBeLessThanOrEqual(4);
    expect(counter.getSnapshot().status).toBe("offline");
    await settle();
    const attempts = page.sockets.length;
    await page.signal("online");
    expect(page.sockets).toHaveLength(attempts + 1);
    expect(counter.getSnapshot().status).toBe("reconnecting");
    server.accept(page.socket);
    expect(counter.getSnapshot().status).toBe("live");
  });

  test("a browser that is wrong about being offline is not believed", async () => {
    const { page, counter } = await goLive();
    page.socket.answersPings = false;
    await page.signal("offline");
    expect(counter.getSnapshot().status).toBe("offline");
    expect(page.socket.pings).toBe(1);
    page.socket.deliverText(PONG_FRAME);
    expect(counter.getSnapshot().status).toBe("live");
    await page.advance(3_500);
    expect(page.sockets).toHaveLength(1);
  });

  test("a page that starts offline tries once, says so, and connects when it can", async () => {
    const { page, counter, server } = setUp();
    page.isOnline = false;
    page.answerPost = () => Promise.reject(new TypeError("network"));
    counter.subscribe(() => undefined);
    await settle();
    expect(counter.getSnapshot().status).toBe("offline");
    expect(page.posts).toHaveLength(1);
    page.answerPost = () => new Response();
    await page.signal("online");
    server.accept(page.socket);
    expect(counter.getSnapshot().status).toBe("live");
  });
});
