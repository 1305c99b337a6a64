import { afterEach, describe, expect, test, vi } from "vitest";
import { createServer, put } from "./client.fixture.ts";
import { freshOrigin, keep, KeptPage, keptOf, until, visit } from "./kept-page.fixture.ts";

/*
 * Rows as they stand in browsers, written out: by the first code that kept any, by the code that first
 * kept updates, and by the one of today. Whoever changes what is kept adds to them.
 */

const SNAPSHOT = {
  text: '{"type":"snapshot","epoch":"kept","version":3,"mark":"m3","schema":"s","state":{"n":7}}',
  sum: 2_060_899_968,
};

const PLACE = ["alice", "counter", 0] as const;
const OLD_CLIENT = "client-of-old";

const ADD = { client: OLD_CLIENT, seq: 1, name: "add", payload: "2", at: 1_700_000_000_000 };
const ACTIONS = {
  "the first code": [ADD],
  "the code that first kept updates": [
    ADD,
    {
      ...ADD,
      seq: 2,
      name: "update",
      payload: '[["replace",["n"],9]]',
      patch: { base: 0, after: 0 },
    },
  ],
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("[G12] what a browser keeps", () => {
  test("looks as it does here: another look needs rows of its own in this file", async () => {
    const origin = freshOrigin();
    await visit(origin);
    const page = new KeptPage(origin).show();
    void page.add(2).catch(() => undefined);
    await until(async () => (await keptOf(origin)).actions.length > 0);
    const { snapshots, actions } = await keptOf(origin);
    page.client.close();
    expect(snapshots.map((row) => Object.keys(row as object))).toEqual([Object.keys(SNAPSHOT)]);
    const [{ text } = { text: "" }] = snapshots as { text: string }[];
    expect(Object.keys(JSON.parse(text) as object)).toEqual(
      Object.keys(JSON.parse(SNAPSHOT.text) as object),
    );
    expect(actions).toEqual([{ ...ADD, client: expect.any(String), at: expect.any(Number) }]);
  });

  test("is shown by its snapshot, whatever code kept it", async () => {
    const origin = freshOrigin();
    await keep("snapshots", origin, { key: PLACE, row: SNAPSHOT });
    const page = new KeptPage(origin).show();
    await until(() => page.n === 7);
    page.client.close();
  });

  test.each(Object.entries(ACTIONS))("is sent once: %s", async (_code, rows) => {
    const origin = freshOrigin();
    const server = createServer();
    for (const row of rows) {
      await keep("actions", origin, { key: [...PLACE, OLD_CLIENT, row.seq], row });
    }
    const page = new KeptPage(origin).show();
    await page.connect(server);
    await until(() => {
      server.handle(page.page.socket);
      const { pending, state } = page.counter.getSnapshot();
      return pending === 0 && state?.n === (rows.length === 1 ? 2 : 9);
    });
    await page.page.advance(1_000);
    await until(async () => (await keptOf(origin)).actions.length === 0);
    page.client.close();
  });

  test.each([
    ["a snapshot of another shape", { ...SNAPSHOT, text: '{"type":"snapshot","version":3}' }],
    ["a row of a format to come", { format: 9, body: new Uint8Array(3) }],
    ["another sum", { ...SNAPSHOT, sum: 1 }],
  ])("is dropped where it is %s", async (_what, row) => {
    const origin = freshOrigin();
    await keep("snapshots", origin, { key: PLACE, row });
    const page = new KeptPage(origin).show();
    await until(() => page.page.sockets.length > 0);
    expect(page.n).toBeUndefined();
    const server = createServer();
    server.commit(put("n", 1));
    await page.connect(server);
    expect(page.n).toBe(1);
    page.client.close();
  });

  test.each([
    ["lacks what it was made on", { patch: {} }, []],
    ["has patches that are none", { payload: '[["grow",["n"],9]]' }, ["OUTCOME_UNKNOWN"]],
    ["has no patches", { payload: undefined }, ["OUTCOME_UNKNOWN"]],
  ])(
    "is not sent, nor kept any longer, where it is an update that %s",
    async (_what, damage, told) => {
      const origin = freshOrigin();
      const server = createServer();
      const row = { ...ACTIONS["the code that first kept updates"][1], ...damage };
      await keep("actions", origin, { key: [...PLACE, OLD_CLIENT, 1], row: ADD });
      await keep("actions", origin, { key: [...PLACE, OLD_CLIENT, 2], row });
      const page = new KeptPage(origin).show();
      await page.connect(server);
      await until(() => {
        server.handle(page.page.socket);
        return page.n === 2;
      });
      await until(async () => {
        await page.page.advance(1_000);
        server.handle(page.page.socket);
        return (await keptOf(origin)).actions.length === 0;
      });
      expect(page.n).toBe(2);
      expect(page.rejections.map(({ error }) => error.code)).toEqual(told);
      page.client.close();
    },
  );

  test.each([
    ["of newer code", 2, ["snapshots", "actions"]],
    ["that lacks what it should have", 1, ["something else"]],
  ])(
    "a database %s is left alone, and the page goes on without",
    async (_what, version, stores) => {
      const real = globalThis.indexedDB;
      const name = `holdfast-${version}-${Date.now()}`;
      const made = real.open(name, version);
      made.onupgradeneeded = () => {
        for (const store of stores) made.result.createObjectStore(store);
      };
      await new Promise((resolve) => (made.onsuccess = resolve));
      made.result.close();
      vi.stubGlobal("indexedDB", { open: (_: string, wanted: number) => real.open(name, wanted) });
      const server = createServer();
      const page = new KeptPage(freshOrigin()).show();
      await page.connect(server);
      const done = page.add(2);
      await page.answerAll(server);
      expect(await done).toBe(2);
      expect(page.page.reports.map(({ message }) => message)).toContainEqual(
        "Holdfast cannot read what this browser has kept.",
      );
      page.client.close();
      real.deleteDatabase(name);
    },
  );
});
