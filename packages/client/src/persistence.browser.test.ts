import { describe, expect, test, vi } from "vitest";
import { createServer, put } from "./client.fixture.ts";
import type { ClientOptions } from "./client.ts";
import { damage, KeptPage, keptOf, until } from "./kept-page.fixture.ts";
import { settle } from "./page.fixture.ts";

let origins = 0;

/** Nothing is kept of it yet. */
function freshOrigin(): string {
  return `https://n${++origins}-${Date.now()}.example`;
}

/** A page that was live, whose snapshot is kept, and that is gone. */
async function visit(
  origin: string,
  server = createServer(),
  options: ClientOptions & { readonly version?: number } = {},
): Promise<void> {
  const page = new KeptPage(origin, options).show();
  await page.connect(server);
  page.page.socket.deliver(server.commit(put("n", 7)));
  await page.page.advance(1_000);
  await until(async () => (await keptOf(origin)).snapshots.length > 0);
  page.client.close();
}

describe("the cached snapshot", () => {
  test("[G12] is shown before anything is answered, and connecting goes on from its version", async () => {
    const origin = freshOrigin();
    const server = createServer();
    await visit(origin, server);
    const again = new KeptPage(origin).show();
    await until(() => again.n === 7);
    expect(again.counter.getSnapshot()).toMatchObject({ restored: true, status: "connecting" });
    server.commit(put("n", 8));
    await until(() => again.page.sockets.length > 0);
    again.page.socket.open();
    const [[hello]] = again.page.socket.take() as [[object]];
    expect(hello).toMatchObject({ type: "hello", version: 1, epoch: server.epoch });
    again.page.socket.drop();
    await again.page.advance(10_000);
    await again.connect(server);
    expect(again.n).toBe(8);
    again.client.close();
  });

  test("[G12] is shown offline", async () => {
    const origin = freshOrigin();
    await visit(origin);
    const again = new KeptPage(origin);
    again.page.isOnline = false;
    again.page.answerPost = () => Promise.reject(new TypeError("Failed to fetch"));
    again.show();
    await until(() => again.n === 7);
    expect(again.counter.getSnapshot()).toMatchObject({ restored: true, status: "offline" });
    again.client.close();
  });

  test.each<[string, ClientOptions & { readonly version?: number }, boolean]>([
    ["the same principal", {}, true],
    ["another principal", { principal: "bob" }, false],
    ["nobody known", { principal: () => null }, false],
    ["code for the same version of the state", { version: 1 }, true],
    ["code for another version of the state", { version: 2 }, false],
  ])("[G12] is shown to %s: %o: %s", async (_, options, isShown) => {
    const origin = freshOrigin();
    const server = createServer();
    Object.assign(server, { schema: "1.abc" });
    await visit(origin, server);
    const again = new KeptPage(origin, options).show();
    await until(() => again.page.sockets.length > 0);
    expect(again.n).toBe(isShown ? 7 : undefined);
    again.client.close();
  });

  test("[G12] is that of the module and the key, of no other", async () => {
    const origin = freshOrigin();
    await visit(origin);
    const again = new KeptPage(origin);
    const rooms = ["counter", "0", '["a"]'].map((key) => again.client.persistedModule("room", key));
    for (const room of rooms) room.subscribe(() => undefined);
    await until(() => again.page.sockets.length === rooms.length);
    for (const room of rooms) expect(room.getSnapshot().restored).toBe(false);
    again.client.close();
  });

  test("[G12] is dropped where it is damaged, and the page starts without", async () => {
    type Row = { text: string; sum: number };
    const damages: ((row: Row) => unknown)[] = [
      (row) => ({ ...row, text: row.text.replace('"n":7', '"n":8') }),
      (row) => ({ ...row, text: row.text.slice(0, -1) }),
      () => ({ text: 7 }),
      () => "nonsense",
      () => null,
    ];
    for (const change of damages) {
      const origin = freshOrigin();
      const server = createServer();
      await visit(origin, server);
      await damage("snapshots", origin, change);
      const again = new KeptPage(origin).show();
      await until(() => again.page.sockets.length > 0);
      expect(again.n).toBeUndefined();
      await again.connect(server);
      expect(again.n).toBe(7);
      again.client.close();
    }
  });

  test("a server's own state wins over one that comes from the database later", async () => {
    const origin = freshOrigin();
    const server = createServer();
    await visit(origin, server);
    const again = new KeptPage(origin);
    // Plain first: it connects without waiting for the database.
    again.client.module("counter").subscribe(() => undefined);
    await until(() => again.page.sockets.length > 0);
    server.commit(put("n", 9));
    server.accept(again.page.socket);
    again.show();
    await settle();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(again.n).toBe(9);
    again.client.close();
  });
});

describe("the durable outbox", () => {
  test("[G2] [G12] what a page leaves behind is sent once by the next, under the old client id", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const first = new KeptPage(origin).show();
    await first.connect(server);
    // The first is done and its answer lost, the others never left the page.
    for (const by of [1, 10, 100]) void first.add(by).catch(() => undefined);
    await settle();
    const [[sent]] = first.page.socket.take() as [[{ client: string }, object, object]];
    server.answer(first.page.socket, [sent as never]);
    await until(async () => (await keptOf(origin)).actions.length === 3);
    first.client.close();
    expect(server.state).toMatchObject({ n: 1 });

    const second = new KeptPage(origin).show();
    await second.connect(server);
    await until(() => {
      server.handle(second.page.socket);
      return server.version === 3 && second.counter.getSnapshot().pending === 0;
    });
    expect(second.n).toBe(111);
    await second.page.advance(100);
    await until(async () => (await keptOf(origin)).actions.length === 0);
    // All of it was done before: what is settled is told, and nothing is kept by either side.
    await until(async () => {
      await second.page.advance(1_000);
      server.handle(second.page.socket);
      return server.settledOf(sent.client) === 3;
    });
    expect(second.rejections).toEqual([]);
    second.client.close();
  });

  test("[G8] what was left behind shows again as soon as the state does, before it is sent", async () => {
    const origin = freshOrigin();
    const server = createServer();
    await visit(origin, server);
    const first = new KeptPage(origin).show();
    await until(() => first.n === 7);
    void first.add(3).catch(() => undefined);
    void first.add(5).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 2);
    first.client.close();
    const second = new KeptPage(origin).show();
    await until(() => second.n === 15);
    expect(second.counter.getSnapshot().pending).toBe(2);
    await second.connect(server);
    await until(() => {
      server.handle(second.page.socket);
      return second.counter.getSnapshot().pending === 0;
    });
    expect(second.n).toBe(15);
    expect(server.state).toMatchObject({ n: 15 });
    second.client.close();
  });

  test("[G2] the outbox of a page that lives is its own; when it is gone, one of the others has it at once", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const [first, second, third] = [
      new KeptPage(origin).show(),
      new KeptPage(origin).show(),
      new KeptPage(origin).show(),
    ];
    await Promise.all([first, second, third].map((page) => page.connect(server)));
    for (const by of [1, 10]) void first.add(by).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([second, third].map((page) => page.counter.getSnapshot().pending)).toEqual([0, 0]);
    first.client.close();
    await until(() => {
      for (const page of [second, third]) server.handle(page.page.socket);
      return second.n === 11 && third.n === 11;
    });
    expect(server.version).toBe(2);
    expect([second, third].filter(({ page }) => page.sockets.length > 1)).toEqual([]);
    second.client.close();
    third.client.close();
  });

  test("[G2] an adopter that dies is followed by the next in line", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const pages = Array.from({ length: 3 }, () => new KeptPage(origin).show());
    await Promise.all(pages.map((page) => page.connect(server)));
    const [first, ...others] = pages as [KeptPage, KeptPage, KeptPage];
    void first.add(5).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    first.client.close();
    const hasIt = (page: KeptPage): boolean => page.counter.getSnapshot().pending > 0;
    await until(() => others.some(hasIt));
    const adopter = others.find(hasIt);
    adopter?.client.close();
    const last = others.find((page) => page !== adopter) as KeptPage;
    await until(() => hasIt(last));
    await last.answerAll(server);
    expect(server.state).toMatchObject({ n: 5 });
    expect(server.version).toBe(1);
    last.client.close();
  });

  test("[G2] settled is stated only once it is durably removed", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const page = new KeptPage(origin).show();
    await page.connect(server);
    const done = page.add(1);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    await page.answerAll(server);
    expect(await done).toBe(1);
    void page.add(1);
    await settle();
    const [[next]] = page.page.socket.take() as unknown as [[object]];
    expect(next).toMatchObject({ seq: 2, settled: 0 });
    page.page.socket.deliver(...server.answer(page.page.socket, [next as never]));
    await page.page.advance(100);
    await until(async () => (await keptOf(origin)).actions.length === 0);
    await settle();
    void page.add(1);
    await settle();
    const [[last]] = page.page.socket.take() as unknown as [[object]];
    expect(last).toMatchObject({ seq: 3, settled: 2 });
    page.client.close();
  });

  test("[G4] a refusal of what was left behind goes to onRejected, once", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const first = new KeptPage(origin).show();
    void first.counter.actions.fail().catch(() => undefined);
    void first.add(2).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 2);
    first.client.close();
    const second = new KeptPage(origin).show();
    await second.connect(server);
    await until(() => {
      server.handle(second.page.socket);
      return second.n === 2;
    });
    expect(second.rejections).toMatchObject([
      { module: "counter", action: "fail", payload: undefined, error: { code: "REFUSED" } },
    ]);
    second.client.close();
  });

  test("what has a hole, is older than answers are kept, or is damaged, is reported and not sent", async () => {
    type Row = { seq: number; at: number; payload: string };
    const cases: [(row: Row) => unknown, number, number[]][] = [
      [(row) => (row.seq === 2 ? undefined : row), 1, [4]],
      [(row) => (row.seq === 2 ? { ...row, payload: "{" } : row), 1, [4]],
      [(row) => (row.seq === 2 ? { ...row, seq: "2" } : row), 1, [4]],
      [(row) => (row.seq < 3 ? { ...row, at: row.at - 31 * 86_400_000 } : row), 4, [1, 2]],
    ];
    for (const [change, sum, lost] of cases) {
      const origin = freshOrigin();
      const server = createServer();
      const first = new KeptPage(origin).show();
      for (const by of [1, 2, 4]) void first.add(by).catch(() => undefined);
      await until(async () => (await keptOf(origin)).actions.length === 3);
      first.client.close();
      await damage("actions", origin, change);
      const second = new KeptPage(origin).show();
      await second.connect(server);
      await until(() => {
        server.handle(second.page.socket);
        return second.n === sum && second.counter.getSnapshot().pending === 0;
      });
      expect(second.rejections.map(({ payload, error }) => [payload, error.code])).toEqual(
        lost.map((by) => [by, "OUTCOME_UNKNOWN"]),
      );
      await second.page.advance(1_000);
      await until(async () => (await keptOf(origin)).actions.length === 0);
      second.client.close();
    }
  });

  test("what the server has settled long ago, and is silent about, does not hold the page up for ever", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const first = new KeptPage(origin).show();
    void first.add(1).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length === 1);
    const client = (await keptOf(origin)).actions[0]?.client ?? "";
    first.client.close();
    const second = new KeptPage(origin).show();
    await until(() => second.page.sockets.length > 0);
    const mine = (): void => {
      // As a profile that was restored from a backup: the server has settled it.
      server.answer(second.page.socket, [
        { type: "hello", protocol: 1, clients: [{ id: client, settled: 1 }] },
      ]);
    };
    mine();
    await second.connect(server);
    for (let round = 0; round < 3; round++) {
      await until(async () => {
        await second.page.advance(1_000);
        if (second.page.socket.readyState === 0) server.accept(second.page.socket);
        else if (second.page.socket.readyState === 1) server.handle(second.page.socket);
        return second.rejections.length > 0 || second.page.now > 1_700_000_100_000;
      });
    }
    expect(second.rejections).toMatchObject([{ payload: 1, error: { code: "OUTCOME_UNKNOWN" } }]);
    expect(second.counter.getSnapshot().pending).toBe(0);
    second.client.close();
  });
});

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
