import { describe, expect, test, vi } from "vitest";
import { createServer } from "./client.fixture.ts";
import { freshOrigin, KeptPage, keptOf, until, visit } from "./kept-page.fixture.ts";
import { settle } from "./page.fixture.ts";

describe("belongings of somebody else", () => {
  test("[G12] are wiped when the principal changes; what was unsent goes to onRejected first", async () => {
    const origin = freshOrigin();
    await visit(origin);
    const alice = new KeptPage(origin).show();
    void alice.add(3).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    alice.client.close();
    const bob = new KeptPage(origin, { principal: "bob" }).show();
    await until(async () => {
      const { snapshots, actions } = await keptOf(origin);
      return snapshots.length + actions.length === 0;
    });
    expect(bob.rejections).toMatchObject([
      {
        module: "counter",
        key: undefined,
        action: "add",
        payload: 3,
        error: { code: "DISCARDED" },
      },
    ]);
    bob.client.close();
  });

  test("[G2] [G12] a session that is renewed while the page lives is another principal, and another client", async () => {
    const origin = freshOrigin();
    const server = createServer();
    let principal = "alice";
    const kept = new KeptPage(origin, { principal: () => principal }).show();
    await kept.connect(server);
    const sent = kept.add(1);
    await settle();
    const [[{ client }]] = kept.page.socket.take() as unknown as [[{ client: string }]];
    const unsent = kept.add(2);
    const outcomes = [sent, unsent].map((promise) =>
      promise.catch(({ code }: { code: string }) => code),
    );
    await until(async () => (await keptOf(origin)).actions.length === 2);
    principal = "bob";
    kept.page.socket.drop(4401);
    await until(async () => {
      await kept.page.advance(1_000);
      return kept.page.sockets.length > 1;
    });
    expect(await Promise.all(outcomes)).toEqual(["OUTCOME_UNKNOWN", "DISCARDED"]);
    expect(kept.counter.getSnapshot()).toMatchObject({ restored: false, pending: 0 });
    expect((await keptOf(origin)).actions).toEqual([]);
    await kept.connect(server);
    void kept.add(4);
    await settle();
    const frames = kept.page.socket.take() as { client?: string }[][];
    expect(frames.flat().map((message) => message.client)).not.toContain(client);
    kept.client.close();
  });

  test("[G12] client.clear() leaves nothing, and the page goes on", async () => {
    const origin = freshOrigin();
    const server = createServer();
    await visit(origin, server);
    const gone = new KeptPage(origin).show();
    void gone.add(3).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    gone.client.close();
    const page = new KeptPage(origin);
    const own = page.add(5).catch(({ code }: { code: string }) => code);
    await until(async () => (await keptOf(origin)).actions.length === 2);
    await until(() => page.counter.getSnapshot().pending === 2);
    await page.client.clear();
    expect(await own).toBe("DISCARDED");
    expect(page.rejections).toMatchObject([{ action: "add", payload: 3 }]);
    await until(async () => {
      const { snapshots, actions } = await keptOf(origin);
      return snapshots.length + actions.length === 0;
    });
    page.show();
    await page.connect(server);
    const next = page.add(1);
    await page.answerAll(server);
    expect(await next).toBe(8);
    page.client.close();
  });
});

describe("leaving the page", () => {
  test.each([
    [undefined, true],
    [false, false],
  ])("asks while something is unacknowledged, unless switched off (%s)", async (warn, asks) => {
    const origin = freshOrigin();
    const server = createServer();
    const page = new KeptPage(origin, warn === undefined ? {} : { warnBeforeUnload: warn }).show();
    const isAsked = (): boolean => {
      const event = new Event("beforeunload", { cancelable: true });
      // The runner's own listeners do not prevent it.
      globalThis.dispatchEvent(event);
      return event.defaultPrevented;
    };
    await page.connect(server);
    expect(isAsked()).toBe(false);
    void page.add(1);
    expect(isAsked()).toBe(asks);
    await page.answerAll(server);
    expect(isAsked()).toBe(false);
    page.client.close();
  });
});

describe("a browser that keeps nothing", () => {
  test("works all the same, and says so", async () => {
    vi.stubGlobal("indexedDB", undefined);
    vi.spyOn(navigator, "locks", "get").mockReturnValue(undefined as never);
    const server = createServer();
    const page = new KeptPage(freshOrigin()).show();
    await page.connect(server);
    const done = page.add(2);
    await page.answerAll(server);
    expect(await done).toBe(2);
    expect(page.page.reports.map(({ message }) => message.slice(0, 40))).toEqual([
      "Holdfast: this browser has no Web Locks,",
      "Holdfast cannot read what this browser h",
    ]);
    page.client.close();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
});
