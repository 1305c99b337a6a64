import { HoldfastError } from "@holdfast/protocol";
import { describe, expect, expectTypeOf, test } from "vitest";
import { settled } from "../host/host.fixture.ts";
import type { AppOf } from "../module/definition.ts";
import { TEXT } from "../module/schema.fixture.ts";
import { defineConnection } from "./define-connection.ts";
import { UserInstance } from "./user-connection.fixture.ts";

interface Meta {
  userId: string;
  channels?: string[];
  name?: string;
}

interface UserState {
  messageCount: number;
  theme: string;
  online: boolean;
}

interface Message {
  text: string;
  number: number;
}

interface ChatEvents {
  toServer: {
    message(data: { text: string }): number;
    later: { text: string };
    rename: string;
    whoami(): string;
    fail: undefined;
  };
  toClient: { message: Message; bell: undefined; note: string };
}

function define(log: string[] = []) {
  return defineConnection<Meta, unknown, UserState, ChatEvents>({
    name: "user",
    websocketPath: "/ws",
    connectionBinding: "UserConnection",
    state: { messageCount: 0, theme: "dark", online: false },
    persistedKeys: ["messageCount", "theme"],
    extractMeta: (_request, { user }) => ({ userId: user.id }),
    onConnect(ctx) {
      log.push(`connect ${ctx.connection.id} ${ctx.state.messageCount}`);
      ctx.state.online = true;
    },
    onDisconnect(ctx) {
      log.push(`disconnect ${ctx.connection.id}`);
    },
  })
    .on("message", (ctx, { text }) => {
      ctx.state.messageCount++;
      ctx.emit.toRoom("chat").emit("message", { text, number: ctx.state.messageCount });
      ctx.emit.emit("note", text);
      if (text === "throw") throw new HoldfastError("REFUSED", "Not today.");
      return ctx.state.messageCount;
    })
    .on("later", async (ctx, { text }) => {
      ctx.state.messageCount++;
      ctx.emit.toRoom("chat").except(ctx.connection.id).emit("note", text);
      ctx.rooms.join("later");
      await ctx.commit();
      ctx.emit.toUser("bob").emit("note", text);
      if (text === "throw") throw new HoldfastError("REFUSED", "Not today.");
    })
    .on("rename", (ctx, name) => ctx.setMeta({ name }))
    .on("whoami", (ctx) => `${ctx.meta.name} ${ctx.connection.id} ${ctx.user?.id}`)
    .on("fail", (ctx) => {
      ctx.setMeta({ name: "lost" });
      ctx.rooms.join("lost");
      throw new HoldfastError("REFUSED", "Not today.");
    });
}

const noteText = (data: string): string => JSON.stringify({ type: "event", event: "note", data });

describe("events", () => {
  test("[G2] an event is an action: one commit, its result, and the same answer when it is sent again", () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    page.take();
    const seq = page.emit("message", { text: "a" });
    expect(page.take()).toMatchObject([
      { type: "commit", patches: [{ op: "replace", path: ["messageCount"], value: 1 }] },
      { type: "event", event: "note", data: "a" },
      { type: "ack", seq, result: 1 },
    ]);
    page.send(seq, "message", { text: "a" });
    expect(page.take()).toMatchObject([{ type: "ack", seq, result: 1 }]);
  });

  test("[G4] what an event emits goes nowhere if it throws, to its own user, rooms or others", async () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    instance.rooms.take();
    page.take();
    page.emit("message", { text: "throw" });
    page.emit("fail");
    await settled();
    expect(page.take().map(({ type }) => type)).toEqual(["reject", "reject"]);
    expect(instance.rooms.take()).toEqual([]);
    page.emit("whoami");
    expect(page.take()).toMatchObject([{ result: "undefined c1 alice" }]);
  });

  test("[G4] an asynchronous one keeps what it had emitted before commit(), and loses the rest", async () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    page.emit("later", { text: "throw" });
    await settled();
    expect(instance.rooms.take()).toMatchObject([
      ["deliver", "chat", [{ number: 1, text: noteText("throw"), except: ["c1"] }]],
      ["join", "later", "alice"],
    ]);
    expect(page.takeOnly("commit", "reject").map(({ type }) => type)).toEqual(["commit", "reject"]);
    page.emit("later", { text: "fine" });
    await settled();
    expect(instance.rooms.take()).toMatchObject([
      ["deliver", "chat", [{ number: 2 }]],
      ["user", "bob", [{ number: 3, text: noteText("fine") }]],
    ]);
  });

  test("an event without a handler is refused", () => {
    const page = new UserInstance(define()).page("c1");
    page.take();
    page.emit("nothing");
    expect(page.take()).toMatchObject([{ type: "reject", error: { code: "UNKNOWN_ACTION" } }]);
  });

  test("a schema says what the handler is given", () => {
    const connection = defineConnection<Meta, unknown, { log: string[] }>({
      name: "user",
      state: { log: [] },
      extractMeta: () => ({ userId: "alice" }),
    }).on("note", { input: TEXT }, (ctx, { text, at }) => {
      expectTypeOf(at).toEqualTypeOf<number>();
      ctx.state.log.push(text);
      return at;
    });
    const page = new UserInstance(connection).page("c1");
    page.take();
    page.emit("note", { text: "a" });
    page.emit("note", { text: 1 });
    expect(page.takeOnly("ack", "reject")).toMatchObject([
      { type: "ack" },
      { type: "reject", error: { code: "INPUT_INVALID" } },
    ]);
  });
});

describe("the state of a user", () => {
  test("is loaded before onConnect, shared by all sockets, and live in each", () => {
    const log: string[] = [];
    const instance = new UserInstance(define(log));
    const one = instance.page("c1");
    one.emit("message", { text: "a" });
    const two = instance.page("c2");
    expect(log).toEqual(["connect c1 0", "connect c2 1"]);
    expect(two.take()).toMatchObject([
      { type: "snapshot", state: { messageCount: 1, theme: "dark", online: true } },
    ]);
    one.take();
    two.emit("message", { text: "b" });
    expect(one.take()).toMatchObject([{ type: "commit", version: 3 }, { type: "event" }]);
    two.disconnect();
    expect(log.at(-1)).toBe("disconnect c2");
  });

  test("keys outside persistedKeys go back when the user has been gone for a minute", async () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    page.emit("message", { text: "a" });
    page.disconnect();
    instance.evict();
    await instance.move(60_000);
    await instance.host.alarms.ring();
    const state = instance.page("c2").takeOnly("snapshot");
    // onConnect has just said it again; the reset before is a version of its own.
    expect(state).toMatchObject([{ version: 4, state: { messageCount: 1, online: true } }]);
  });

  test.each([
    ["left out: all are kept", undefined, []],
    ["none", [], "all"],
    ["some", ["theme"], ["messageCount", "online"]],
  ] as const)("persistedKeys %s", (_what, persistedKeys, ephemeral) => {
    const { module } = defineConnection<Meta, unknown, UserState>({
      name: "user",
      state: { messageCount: 0, theme: "dark", online: false },
      ...(persistedKeys ? { persistedKeys } : undefined),
      extractMeta: () => ({ userId: "alice" }),
    });
    expect(module.ephemeral).toEqual(ephemeral);
  });

  test("[G10] a corrupt value is set aside, never replaced in silence", async () => {
    const { openNodeSqlite } = await import("../node/node-sqlite-port.ts");
    const sql = openNodeSqlite(":memory:");
    const instance = new UserInstance(define(), { sql });
    instance.page("c1").emit("message", { text: "a" });
    sql.run("UPDATE holdfast_journal SET head = 'not json'");
    expect(() => instance.evict()).toThrow(expect.objectContaining({ code: "RESTORE_FAILED" }));
    const lenient = defineConnection<Meta, unknown, { n: number }>({
      name: "user",
      state: { n: 0 },
      extractMeta: () => ({ userId: "alice" }),
      onRestoreError: () => "initial",
    });
    const anew = new UserInstance(lenient, { sql }).page("c1");
    expect(anew.takeOnly("snapshot")).toMatchObject([{ version: 0, state: { n: 0 } }]);
    const tables = sql.run("SELECT name FROM sqlite_master WHERE type = 'table'");
    const aside = tables.map(({ name }) => String(name)).filter((name) => /quarantine/.test(name));
    expect(aside.length).toBeGreaterThan(0);
  });
});

describe("meta", () => {
  test("setMeta is seen by the next event, also in the same frame, and outlives hibernation", () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    page.emit("rename", "Ada");
    page.take();
    page.emit("whoami");
    expect(page.take()).toMatchObject([{ result: "Ada c1 alice" }]);
    page.settle();
    instance.evict(page.connection);
    page.emit("whoami");
    expect(page.take()).toMatchObject([{ result: "Ada c1 alice" }]);
  });

  test("[G14] it has a limit, user and meta together", () => {
    const instance = new UserInstance(define());
    const page = instance.page("c1");
    page.take();
    page.emit("rename", "ü".repeat(6_000));
    page.emit("rename", "ü".repeat(6_200));
    expect(page.take()).toMatchObject([
      { type: "ack" },
      { type: "reject", error: { code: "META_TOO_LARGE" } },
    ]);
  });

  test("an event that the server has scheduled has none, and says so", async () => {
    const connection = defineConnection<Meta, unknown, { n: number }>({
      name: "user",
      state: { n: 0 },
      extractMeta: () => ({ userId: "alice" }),
    })
      .on("plan", (ctx) => void ctx.schedule(1_000, "planned"))
      .on("planned", (ctx) => void (ctx.meta.userId === "alice" && ctx.state.n++));
    const instance = new UserInstance(connection);
    instance.page("c1").emit("plan");
    await instance.move(1_000);
    await instance.host.alarms.ring();
    expect(instance.reports).toMatchObject([
      { code: "DEFINITION_INVALID", message: expect.stringContaining("run by the server itself") },
    ]);
  });

  test("[G15] a view may depend on it: when it changes, the connection is given what it now sees", () => {
    const connection = defineConnection<Meta, unknown, { open: number; secret: number }>({
      name: "user",
      state: { open: 1, secret: 2 },
      view: ({ meta }) => ({ hide: meta["name"] === "root" ? [] : ["secret"] }),
      extractMeta: () => ({ userId: "alice" }),
    }).on<string>("rename", (ctx, name) => ctx.setMeta({ name }));
    const page = new UserInstance(connection).page("c1");
    expect(page.takeOnly("snapshot")).toMatchObject([{ state: { open: 1 } }]);
    page.emit("rename", "root");
    expect(page.takeOnly("snapshot")).toMatchObject([{ state: { open: 1, secret: 2 } }]);
    page.emit("rename", "guest");
    const [snapshot] = page.takeOnly("snapshot");
    expect(snapshot).toMatchObject({ state: { open: 1 } });
    expect(JSON.stringify(snapshot)).not.toContain("secret");
  });
});

describe("types", () => {
  test("a contract types events in both directions, for the server and for clients", () => {
    const user = define();
    type App = AppOf<Record<never, never>, { user: typeof user }>;
    type Contract = App["connections"]["user"];
    expectTypeOf<Contract["state"]>().toEqualTypeOf<UserState>();
    expectTypeOf<Contract["actions"]["message"]["parameters"]>().toEqualTypeOf<
      [payload: { text: string }]
    >();
    expectTypeOf<Contract["actions"]["message"]["result"]>().toEqualTypeOf<number>();
    expectTypeOf<Contract["actions"]["later"]["result"]>().toEqualTypeOf<void>();
    expectTypeOf<Contract["actions"]["whoami"]["parameters"]>().toEqualTypeOf<
      [payload?: undefined]
    >();
    expectTypeOf<Contract["events"]>().toEqualTypeOf<ChatEvents["toClient"]>();
  });

  test("what must not compile does not", () => {
    const options = {
      name: "user",
      state: { messageCount: 0, theme: "", online: false },
      extractMeta: () => ({ userId: "alice" }),
    };
    const fresh = () => defineConnection<Meta, unknown, UserState, ChatEvents>(options);
    // @ts-expect-error no such event
    fresh().on("unknown", () => undefined);
    // @ts-expect-error the contract says what it returns
    fresh().on("message", () => "many");
    // @ts-expect-error the state has no such key
    fresh().on("later", (ctx) => void ctx.state.missing);
    // @ts-expect-error no such event for clients
    fresh().on("later", (ctx) => ctx.emit.emit("later"));
    // @ts-expect-error other data
    fresh().on("later", (ctx) => ctx.emit.toRoom("a").emit("note", 1));
    // @ts-expect-error no such field of meta
    fresh().on("later", (ctx) => ctx.setMeta({ surname: "x" }));
    defineConnection<Meta, unknown, UserState>({
      ...options,
      // @ts-expect-error a meta has a userId
      extractMeta: () => ({ name: "x" }),
    });
  });

  test.each([
    ["a key that the state has not", { persistedKeys: ["missing"] }, "persistedKeys"],
    ["a class without a name", { connectionBinding: "not a name" }, "connectionBinding"],
    ["a path of Holdfast's own", { websocketPath: "/holdfast/ws" }, "websocketPath"],
    ["a state that cannot be stored", { state: { f: () => 1 } }, "function"],
  ])("%s is refused where it is defined", (_what, wrong, message) => {
    const options = { name: "user", state: { n: 0 }, extractMeta: () => ({ userId: "a" }) };
    expect(() => defineConnection({ ...options, ...wrong } as never)).toThrow(message);
  });

  test("an event is defined once, and before the connection is in use", () => {
    const connection = define();
    expect(() => connection.on("rename", () => undefined)).toThrow("already");
    expect(connection.module.actions.size).toBe(5);
    expect(() => connection.on("rename", () => undefined)).toThrow("put to use");
  });
});
