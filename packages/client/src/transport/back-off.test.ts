import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { type App, createServer, goLive, setUp } from "../client.fixture.ts";
import { settle, TestPage } from "../page.fixture.ts";

test("[G13] a refused connection is tried again later and later, and never given up", async () => {
  const { page, counter } = setUp();
  page.random = () => 0.999;
  counter.subscribe(() => undefined);
  await settle();
  const gaps: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    const { length } = page.sockets;
    const before = page.now;
    page.socket.fail();
    while (page.sockets.length === length) await page.advance(500);
    gaps.push(Math.round((page.now - before) / 1_000));
  }
  expect(gaps).toEqual([5, 10, 20, 30, 30, 30, 30, 30]);
  expect(counter.getSnapshot().status).toBe("connecting");
});

test("[G13] whoever fails often in a short time does not wait long after it", async () => {
  const { page, counter } = setUp();
  page.random = () => 0;
  counter.subscribe(() => undefined);
  await settle();
  // A server that is being restarted refuses everybody who comes at once.
  for (let attempt = 0; attempt < 6; attempt++) {
    const { length } = page.sockets;
    page.socket.fail();
    while (page.sockets.length === length) await page.advance(10);
  }
  page.random = () => 0.999;
  const before = page.now;
  const { length } = page.sockets;
  page.socket.fail();
  while (page.sockets.length === length) await page.advance(100);
  expect(page.now - before).toBeLessThanOrEqual(10_000);
});

test("[G13] a link that flaps is not hammered", async () => {
  const { page, server } = await goLive();
  page.random = () => 0.999;
  const start = page.now;
  for (let flap = 0; flap < 5; flap++) {
    const { length } = page.sockets;
    page.socket.drop();
    while (page.sockets.length === length) await page.advance(100);
    server.accept(page.socket);
  }
  expect(page.now - start).toBeGreaterThan(40_000);
  // Once one has lasted, the next failure is a first one again.
  await page.advance(12_000);
  const { length } = page.sockets;
  page.socket.drop();
  await page.advance(5_100);
  expect(page.sockets).toHaveLength(length + 1);
});

test("[G13] whoever loses a server that is killed again and again is back soon each time", async () => {
  const { page, server } = await goLive();
  const next = async (work: () => void): Promise<void> => {
    const { length } = page.sockets;
    work();
    while (page.sockets.length === length) await page.advance(50);
  };
  for (let kill = 0; kill < 6; kill++) {
    const before = page.now;
    // The first attempt comes before the server is there again.
    page.random = () => 0.05;
    await next(() => page.socket.drop());
    page.random = () => 0.999;
    await next(() => page.socket.fail());
    expect(page.now - before).toBeLessThanOrEqual(11_000);
    server.accept(page.socket);
    await page.advance(1_000);
  }
});

test("[G13] a thousand clients of a killed server come back spread out", async () => {
  // Real chance; the bound leaves five standard deviations.
  const delays: number[] = [];
  for (let index = 0; index < 1_000; index++) {
    const page = new TestPage();
    page.random = Math.random;
    const waits: number[] = [];
    const client = createClient<App>({
      environment: {
        ...page.environment,
        setTimeout: (callback, milliseconds) => {
          waits.push(milliseconds);
          return page.environment.setTimeout(callback, milliseconds);
        },
      },
    });
    client.module("counter").subscribe(() => undefined);
    await settle();
    createServer().accept(page.socket);
    waits.length = 0;
    page.socket.drop();
    await settle();
    delays.push(waits[0] ?? NaN);
  }
  const most = Math.max(
    ...delays.map((start) => delays.filter((at) => at >= start && at < start + 100).length),
  );
  expect(most).toBeLessThanOrEqual(50);
  expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
});

/** Just failed again: it waits for 30 s. */
async function waitLong(): Promise<ReturnType<typeof setUp>> {
  const all = setUp();
  const { page, counter } = all;
  page.random = () => 0.999;
  counter.subscribe(() => undefined);
  await settle();
  for (let attempt = 0; attempt < 5; attempt++) {
    page.socket.fail();
    if (attempt < 4) await page.advance(31_000);
  }
  return all;
}

test("[G13] an action does not wait for the back-off: it ends a wait of 5 s or more at once", async () => {
  const { page, counter } = await waitLong();
  await page.advance(5_100);
  const { length } = page.sockets;
  void counter.actions.add().catch(() => undefined);
  await settle();
  expect(page.sockets).toHaveLength(length + 1);
});

test("[G13] those who act together while a server is down do not all come together", async () => {
  const { page, counter } = await waitLong();
  await page.advance(1_000);
  const { length } = page.sockets;
  page.random = () => 0.5;
  for (let act = 0; act < 100; act++) void counter.actions.add().catch(() => undefined);
  await page.advance(1_900);
  expect(page.sockets).toHaveLength(length);
  // Half of what is left of the window.
  await page.advance(200);
  expect(page.sockets).toHaveLength(length + 1);
});

test.each([-3_600_000, 3_600_000])(
  "[G13] a clock that is set (by %i ms) neither ends the attempts nor prolongs the wait",
  async (skew) => {
    const { page, counter } = await waitLong();
    await page.advance(1_000);
    const { length } = page.sockets;
    const before = page.now;
    page.now += skew;
    void counter.actions.add().catch(() => undefined);
    page.now = before;
    await page.advance(30_100);
    expect(page.sockets.length).toBeGreaterThan(length);
  },
);
