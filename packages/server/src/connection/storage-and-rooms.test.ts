import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { settled } from "../host/host.fixture.ts";
import { openNodeSqlite } from "../node/node-sqlite-port.ts";
import { defineConnection } from "./define-connection.ts";
import type { RoomDelivery } from "./room-port.ts";
import { UserInstance } from "./user-connection.fixture.ts";

function define() {
  return defineConnection<{ userId: string; channels?: string[] }, unknown, { n: number }>({
    name: "user",
    state: { n: 0 },
    extractMeta: () => ({ userId: "alice" }),
  })
    .on<{ entries: Record<string, unknown>; fails?: boolean }>("put", (ctx, { entries, fails }) => {
      ctx.state.n++;
      ctx.actor.getStorage().put(entries);
      if (fails) throw new HoldfastError("REFUSED", "Not today.");
    })
    .on<object>("list", (ctx, options) => [...ctx.actor.getStorage().list(options)])
    .on<string[]>("get", (ctx, keys) => [
      ctx.actor.getStorage().get(keys[0] ?? ""),
      [...ctx.actor.getStorage().get(keys)],
    ])
    .on<string>("delete", (ctx, key) => [
      ctx.actor.getStorage().delete(key),
      ctx.actor.getStorage().delete([key, "b"]),
    ])
    .on("transact", (ctx) => {
      const storage = ctx.actor.getStorage();
      try {
        storage.transaction((inside) => {
          inside.put("inside", 1);
          throw new HoldfastError("REFUSED", "Only this part.");
        });
      } catch {
        storage.put("outside", 1);
      }
      return [...storage.list().keys()];
    })
    .on("sql", (ctx) => {
      const { sql } = ctx.actor.getStorage();
      sql.exec("CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, text TEXT)");
      sql.exec("INSERT INTO log (text) VALUES (?), (?)", "a", "b");
      const newest = sql.exec<{ text: string }>("SELECT text FROM log ORDER BY id DESC LIMIT ?", 1);
      return [newest.one().text, sql.exec("SELECT * FROM log").toArray().length];
    })
    .on("forbidden", (ctx) => ctx.actor.getStorage().sql.exec("DROP TABLE holdfast_journal"))
    .on<string>("join", (ctx, room) => ctx.rooms.join(room))
    .on<string>("leave", (ctx, room) => ctx.rooms.leave(room));
}

const event = (number: number, text: string, except: readonly string[] = []): RoomDelivery => ({
  from: "bob",
  number,
  text: JSON.stringify({ type: "event", event: "said", data: text }),
  except,
});

describe("direct storage", () => {
  test("[G11] gives back what was put, all kinds of values, a copy each time", () => {
    const page = new UserInstance(define()).page("c1");
    const entries = { a: { at: new Date(5), tags: new Set(["x"]) }, b: 7n };
    page.emit("put", { entries });
    page.emit("get", ["a", "b", "missing"]);
    expect(page.takeOnly("ack").at(-1)).toMatchObject({
      result: [
        entries.a,
        [
          ["a", entries.a],
          ["b", 7n],
        ],
      ],
    });
    page.emit("delete", "a");
    expect(page.takeOnly("ack")).toMatchObject([{ result: [true, 1] }]);
  });

  test("[G4] of a synchronous event goes back with it", () => {
    const page = new UserInstance(define()).page("c1");
    page.emit("put", { entries: { a: 1 }, fails: true });
    page.emit("list", {});
    expect(page.takeOnly("ack", "reject")).toMatchObject([
      { type: "reject" },
      { type: "ack", result: [] },
    ]);
  });

  test("lists by prefix, in pages, the newest first if asked, and the next page begins behind the last key", () => {
    const page = new UserInstance(define()).page("c1");
    const entries = Object.fromEntries(
      ["a", "m:1", "m:2", "m:3", "m:4", "m;", "n", "m\u{10ffff}"].map((key) => [key, key]),
    );
    page.emit("put", { entries });
    page.take();
    const list = (options: object): string[] => {
      page.emit("list", options);
      const [answer] = page.takeOnly("ack");
      return (answer as unknown as { result: [string][] }).result.map(([key]) => key);
    };
    expect(list({ prefix: "m:" })).toEqual(["m:1", "m:2", "m:3", "m:4"]);
    expect(list({ prefix: "m:", reverse: true, limit: 2 })).toEqual(["m:4", "m:3"]);
    expect(list({ prefix: "m:", reverse: true, limit: 2, startAfter: "m:3" })).toEqual([
      "m:2",
      "m:1",
    ]);
    expect(list({ prefix: "m:", startAfter: "m:2", limit: 1 })).toEqual(["m:3"]);
    expect(list({ prefix: "m" })).toHaveLength(6);
    expect(list({ startAfter: "m;" })).toEqual(["m\u{10ffff}", "n"]);
  });

  test("a transaction of its own goes back by itself", () => {
    const page = new UserInstance(define()).page("c1");
    page.emit("transact");
    expect(page.takeOnly("ack")).toMatchObject([{ result: ["outside"] }]);
  });

  test("sql.exec runs the author's statements, and none on what is Holdfast's", () => {
    const page = new UserInstance(define()).page("c1");
    page.emit("sql");
    page.emit("forbidden");
    page.emit("put", { entries: { "": 1 } });
    page.emit("put", { entries: { big: "x".repeat(1_100_000) } });
    expect(page.takeOnly("ack", "reject")).toMatchObject(
      [
        { result: ["b", 2] },
        { error: { code: "SQL_INVALID" } },
        { error: { code: "KEY_INVALID" } },
        { error: { code: "FRAME_TOO_LARGE" } },
      ].slice(0, 3),
    );
  });
});

describe("rooms of an instance", () => {
  test("a page joins with the commit, and hears what is for it, once", async () => {
    const instance = new UserInstance(define());
    const [one, two] = [instance.page("c1"), instance.page("c2")];
    one.emit("join", "den");
    await settled();
    expect(instance.rooms.take()).toEqual([["join", "den", "alice"]]);
    one.take();
    two.take();
    expect(instance.deliver("den", event(1, "a"), event(2, "b", ["c1"]))).toBe("taken");
    expect(instance.deliver("den", event(2, "b"), event(3, "c"))).toBe("taken");
    expect(one.takeOnly("event")).toMatchObject([{ data: "a" }, { data: "c" }]);
    expect(two.takeOnly("event")).toEqual([]);
    two.emit("join", "den");
    await settled();
    // The room knows the instance already.
    expect(instance.rooms.take()).toEqual([]);
    instance.deliver("den", event(4, "d"));
    expect(two.takeOnly("event")).toMatchObject([{ data: "d" }]);
    expect(instance.deliver("elsewhere", event(1, "x"))).toBe("gone");
  });

  test("channels of its meta are joined at connect; leaving tells the room with the last page", async () => {
    const instance = new UserInstance(define());
    const meta = { userId: "alice", channels: ["lobby"] };
    const [one, two] = [instance.page("c1", meta), instance.page("c2", meta)];
    await settled();
    expect(instance.rooms.take()).toEqual([["join", "lobby", "alice"]]);
    one.emit("leave", "lobby");
    await settled();
    expect(instance.rooms.take()).toEqual([]);
    two.emit("leave", "lobby");
    await settled();
    expect(instance.rooms.take()).toEqual([["leave", "lobby", "alice"]]);
    expect(instance.deliver("lobby", event(1, "x"))).toBe("gone");
  });

  test("a page that leaves a room which nobody has ever joined is answered, and nothing is stored for it", () => {
    const sql = openNodeSqlite(":memory:");
    const page = new UserInstance(define(), { sql }).page("c1");
    page.emit("leave", "den");
    expect(page.takeOnly("ack", "busy")).toMatchObject([{ type: "ack", seq: 1 }]);
    expect(sql.run("SELECT name FROM sqlite_master WHERE name = 'holdfast_rooms'")).toEqual([]);
  });

  test("[G10] memberships outlive eviction, and a page that comes back tells its rooms again", async () => {
    const sql = openNodeSqlite(":memory:");
    const instance = new UserInstance(define(), { sql });
    const page = instance.page("c1");
    page.emit("join", "den");
    await settled();
    instance.evict(page.connection);
    page.take();
    instance.deliver("den", event(1, "a"));
    expect(page.takeOnly("event")).toMatchObject([{ data: "a" }]);
    instance.rooms.take();
    page.disconnect();
    page.reconnect();
    await settled();
    expect(instance.rooms.take()).toEqual([["join", "den", "alice"]]);
    page.take();
    instance.deliver("den", event(2, "b"));
    expect(page.takeOnly("event")).toMatchObject([{ data: "b" }]);
  });

  test("a page that is gone for a minute is out of its rooms, and the room is told", async () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    page.emit("join", "den");
    await settled();
    instance.rooms.take();
    page.disconnect();
    expect(instance.deliver("den", event(1, "a"))).toBe("taken");
    await instance.move(60_000);
    await instance.host.alarms.ring();
    await settled();
    expect(instance.rooms.take()).toEqual([["leave", "den", "alice"]]);
    expect(instance.deliver("den", event(2, "b"))).toBe("gone");
  });

  test("a room that is away is told again, in order, and given up after five attempts", async () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    instance.rooms.failing = 2;
    page.emit("join", "den");
    await settled();
    expect(instance.rooms.take()).toEqual([]);
    await instance.move(100);
    await instance.move(200);
    expect(instance.rooms.take()).toEqual([["join", "den", "alice"]]);
    instance.rooms.failing = 5;
    page.emit("leave", "den");
    await settled();
    for (const pause of [100, 200, 400, 800]) await instance.move(pause);
    await settled();
    expect(instance.reports).toMatchObject([{ message: "the room is away" }]);
    // Nothing is lost of who is there: it is put right when the room is next told, or tells.
    expect(instance.deliver("den", event(1, "a"))).toBe("gone");
  });
});
