import { describe, expect, test } from "vitest";
import { createServer } from "./client.fixture.ts";
import { damage, freshOrigin, KeptPage, keptOf, until, visit } from "./kept-page.fixture.ts";
import { settle } from "./page.fixture.ts";

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

  test("[G8] what was answered right before the page went is not shown twice by the next", async () => {
    const origin = freshOrigin();
    const server = createServer();
    const first = new KeptPage(origin).show();
    await first.connect(server);
    await Promise.all([first.add(3), first.add(5), first.answerAll(server)]);
    expect((await keptOf(origin)).actions.map(({ seq }) => seq)).toEqual([1, 2]);
    first.client.close();
    const second = new KeptPage(origin).show();
    await until(async () => second.n !== undefined && (await keptOf(origin)).snapshots.length > 0);
    expect(second.n).toBe(8);
    await second.connect(server);
    await second.answerAll(server);
    expect(second.n).toBe(8);
    expect(server.state).toMatchObject({ n: 8 });
    second.client.close();
  });

  test("[G12] updates that were merged while nobody answered are all there for the next page", async () => {
    const origin = freshOrigin();
    await visit(origin);
    const first = new KeptPage(origin).show();
    await until(() => first.n === 7);
    const add = (by: number): void =>
      void first.counter.update((draft) => void (draft.n += by)).catch(() => undefined);
    add(1);
    const isKept = async (n: number): Promise<boolean> => {
      const { actions } = await keptOf(origin);
      return actions.length === 1 && JSON.stringify(actions[0]).includes(String(n));
    };
    await until(() => isKept(8));
    // In a task of its own, as keys are pressed; then two in one task.
    add(10);
    await until(() => isKept(18));
    add(100);
    add(1_000);
    await until(() => isKept(1_118));
    first.client.close();
    const second = new KeptPage(origin).show();
    await until(() => second.n === 1_118);
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
    const [action] = (await keptOf(origin)).actions;
    // The others have seen it, and stand in line for the time after the first.
    await until(async () => {
      const { pending = [] } = await navigator.locks.query();
      return pending.filter(({ name }) => name === `holdfast:${action?.client}`).length === 2;
    });
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
      return server.version === 1 && second.counter.getSnapshot().pending === 0;
    });
    expect(second.n).toBe(2);
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
