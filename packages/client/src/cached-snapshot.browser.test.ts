import { describe, expect, test, vi } from "vitest";
import { createServer, put } from "./client.fixture.ts";
import type { ClientOptions } from "./client-options.ts";
import { damage, freshOrigin, KeptPage, until, visit } from "./kept-page.fixture.ts";
import { settle } from "./page.fixture.ts";

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
    const asked = vi.spyOn(IDBObjectStore.prototype, "get");
    again.show();
    await until(() => asked.mock.calls.length > 0);
    // Writers wait for those who read: behind this, the page has what it asked for.
    await damage("snapshots", origin, (row) => row);
    await settle();
    expect(again.n).toBe(9);
    asked.mockRestore();
    again.client.close();
  });
});
