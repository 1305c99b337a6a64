import { describe, expect, test } from "vitest";
import { failingPort } from "../host/failing-port.fixture.ts";
import { settled } from "../host/host.fixture.ts";
import { PersistError } from "../module/persist-error.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { defineConnection } from "./define-connection.ts";
import { UserInstance } from "./user-connection.fixture.ts";

interface State {
  n: number;
  text: string;
  nested: { deep: { n: number }; list: number[] };
}

function setUp(persistOptions: { shallow?: boolean; throwOnError?: boolean } = {}) {
  const told: unknown[][] = [];
  const connection = defineConnection<{ userId: string }, unknown, State>({
    name: "user",
    state: { n: 0, text: "", nested: { deep: { n: 0 }, list: [1] } },
    persistOptions,
    extractMeta: () => ({ userId: "alice" }),
    onPersistError: (key, error) => void told.push([key, error]),
  })
    .on<number>("add", (ctx, by) => {
      ctx.state.n += by;
      ctx.emit.emit("added", by);
      return ctx.state.n;
    })
    .on<number>("addLater", async (ctx, by) => {
      await Promise.resolve();
      ctx.state.n += by;
      await ctx.commit();
      return ctx.state.n;
    })
    .on<number>("careful", async (ctx, by) => {
      await Promise.resolve();
      ctx.state.n += by;
      try {
        await ctx.commit();
        return "stored";
      } catch (error) {
        if (!(error instanceof PersistError)) throw error;
        await ctx.commit();
        return `${error.key}: ${String((error.cause as Error).message).slice(0, 24)}`;
      }
    })
    .on<number>("fill", (ctx, length) => void (ctx.state.text = "x".repeat(length)))
    .on("nested", (ctx) => {
      ctx.state.nested.deep.n++;
      ctx.state.nested.list.push(2);
      return ctx.state.nested.deep.n;
    })
    .on("assigned", (ctx) => {
      const { nested } = ctx.state;
      nested.deep.n++;
      ctx.state.nested = nested;
      return ctx.state.nested.deep.n;
    })
    .on("read", (ctx) => ({ ...ctx.state }));
  const { port: sql, fail } = failingPort(openNodeSqlite(":memory:"));
  const instance = new UserInstance(connection, { sql });
  const page = instance.page("c1");
  page.emit("add", 1);
  page.settle();
  page.take();
  return { instance, page, fail, told, sql };
}

describe("a write that fails", () => {
  test("[G4] undoes the event, is reported, and the client sends it again: once in the end", () => {
    const { page, fail, told } = setUp();
    fail(1);
    const seq = page.emit("add", 1);
    expect(page.take()).toMatchObject([{ type: "busy", seq }]);
    expect(told[0]).toMatchObject(["user:alice", { code: "STORAGE_FAILED" }]);
    page.send(seq, "add", 1);
    expect(page.takeOnly("commit", "ack", "event")).toMatchObject([
      { type: "commit", version: 2 },
      { type: "event", data: 1 },
      { type: "ack", seq, result: 2 },
    ]);
  });

  test("[G2] while the disk is full, really full, the event stays open; with room again it happens once", () => {
    const { page, told, sql } = setUp();
    const pages = Number(sql.run("PRAGMA page_count")[0]?.["page_count"]);
    sql.run(`PRAGMA max_page_count = ${pages + 2}`);
    const seq = page.emit("fill", 500_000);
    expect(page.take()).toMatchObject([{ type: "busy", seq }]);
    page.send(seq, "fill", 500_000);
    expect(page.take()).toMatchObject([{ type: "busy", seq }]);
    expect(told).toHaveLength(2);
    expect(told[0]?.[1]).toMatchObject({
      code: "STORAGE_FAILED",
      cause: { message: expect.stringContaining("full") },
    });
    sql.run("PRAGMA max_page_count = 1000000");
    page.send(seq, "fill", 500_000);
    expect(page.takeOnly("commit", "ack")).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq },
    ]);
  });

  test("throws PersistError out of commit(); whoever catches it may try again", async () => {
    const { page, fail, told } = setUp();
    fail(1);
    page.emit("careful", 1);
    await settled();
    const [ack] = page.takeOnly("ack");
    expect(ack).toMatchObject({ result: expect.stringMatching(/^user:alice: A commit could not/) });
    expect(told).toHaveLength(1);
  });

  test("[G4] a PersistError that nobody catches leaves the event open, and undone", async () => {
    const { page, fail } = setUp();
    fail(1);
    const seq = page.emit("addLater", 1);
    await settled();
    expect(page.takeOnly("busy", "commit", "reject")).toMatchObject([{ type: "busy", seq }]);
    page.send(seq, "addLater", 1);
    await settled();
    expect(page.takeOnly("ack", "commit")).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq, result: 2 },
    ]);
  });

  test("[G4] a value that is too large is the event's own error, and told to nobody else", () => {
    const { page, told } = setUp();
    page.emit("fill", 1_100_000);
    expect(page.take()).toMatchObject([{ type: "reject", error: { code: "VALUE_TOO_LARGE" } }]);
    expect(told).toEqual([]);
  });
});

describe("throwOnError: false", () => {
  test("keeps the change in memory, unversioned and unsent, until the next commit takes it along", () => {
    const { instance, page, fail, told } = setUp({ throwOnError: false });
    // The second time is when another page comes, and its onConnect is to be stored.
    fail(2);
    const seq = page.emit("add", 1);
    expect(page.take()).toMatchObject([{ type: "received", seq }]);
    expect(told).toHaveLength(1);
    // Nobody is shown it, and nothing says that it is done.
    const other = instance.page("c2");
    expect(other.takeOnly("snapshot")).toMatchObject([{ version: 1, state: { n: 1 } }]);
    page.send(seq, "add", 1);
    expect(page.take()).toMatchObject([{ type: "received", seq }]);
    const next = page.emit("add", 10);
    expect(page.takeOnly("commit", "event", "ack")).toMatchObject([
      { type: "commit", version: 2, patches: [{ value: 2 }] },
      { type: "event", data: 1 },
      { type: "ack", seq, result: 2 },
      { type: "commit", version: 3, patches: [{ value: 12 }] },
      { type: "event", data: 10 },
      { type: "ack", seq: next, result: 12 },
    ]);
    expect(other.takeOnly("commit")).toHaveLength(2);
    expect(instance.aborts).toEqual([]);
  });

  test("is tried again by itself, and a restart before that loses it: the client sends it again", async () => {
    const { instance, page, fail } = setUp({ throwOnError: false });
    fail(2);
    const seq = page.emit("add", 1);
    page.take();
    await instance.move(1_000);
    expect(page.takeOnly("ack")).toEqual([]);
    await instance.move(2_000);
    expect(page.takeOnly("commit", "ack")).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq, result: 2 },
    ]);
    page.settle();
    fail(1);
    const lost = page.emit("add", 5);
    instance.evict(page.connection);
    page.take();
    page.send(lost, "add", 5);
    expect(page.takeOnly("commit", "ack")).toMatchObject([
      { type: "commit", version: 3, patches: [{ value: 7 }] },
      { type: "ack", seq: lost, result: 7 },
    ]);
  });

  test("of an asynchronous event commit() resolves, and its answer waits for storage", async () => {
    const { instance, page, fail } = setUp({ throwOnError: false });
    fail(1);
    const seq = page.emit("addLater", 1);
    await settled();
    expect(page.takeOnly("ack", "commit", "busy")).toMatchObject([
      { type: "commit", version: 2 },
      { type: "ack", seq, result: 2 },
    ]);
    expect(instance.aborts).toEqual([]);
  });
});

describe("shallow", () => {
  test("persists what is assigned to a key; a change inside is warned of once, with its path", () => {
    const { instance, page } = setUp({ shallow: true });
    page.emit("nested");
    page.emit("nested");
    // Its own copy shows it to the handler, and nobody else ever sees it.
    expect(page.takeOnly("commit", "ack")).toMatchObject([
      { type: "ack", result: 1 },
      { type: "ack", result: 1 },
    ]);
    expect(instance.warnings).toEqual([expect.stringContaining("state.nested.deep.n was changed")]);
    page.emit("assigned");
    expect(page.takeOnly("commit", "ack")).toMatchObject([
      { type: "commit", patches: [{ path: ["nested", "deep", "n"], value: 1 }] },
      { type: "ack", result: 1 },
    ]);
    page.emit("read");
    expect(page.takeOnly("ack")).toMatchObject([
      { result: { n: 1, nested: { deep: { n: 1 }, list: [1] } } },
    ]);
    expect(instance.warnings).toHaveLength(1);
  });
});
