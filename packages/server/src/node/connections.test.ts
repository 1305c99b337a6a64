import { EventEmitter } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DEFAULT_LIMITS, decodeServerFrame, encodeMessage } from "@holdfast/protocol";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { defineConnection } from "../index.ts";
import { chat, guest } from "./chat.fixture.ts";
import { DataFolder } from "./data-folder.ts";
import { testFolder } from "./gated-database.fixture.ts";
import { connectionHome, roomHome } from "./home-name.ts";
import { serve } from "./index.ts";
import { Objects } from "./objects.ts";
import { TestBrowser, TestPage } from "./page.fixture.ts";
import { startServer, testAuthenticate, type TestServer, withToken } from "./server.fixture.ts";

const connections = { user: chat, guest };
const WAIT = { timeout: 30_000 };

type Server = TestServer & { readonly dataDir: string };

function start(options: Parameters<typeof startServer>[0] = {}): Promise<Server> {
  return startServer({ connections, ...options });
}

/** A page of a user, who has a browser of his own. */
async function login(
  server: { readonly url: string },
  user: string,
  { client = "c1", name = "connection:user" } = {},
): Promise<TestPage> {
  const browser = await TestBrowser.at(server.url);
  return browser.page(name, { client, protocols: withToken(user) });
}

/** The next event that a page hears. */
async function hear(page: TestPage): Promise<unknown> {
  const message = await page.take(({ type }) => type === "event");
  return message.type === "event" ? message.data : undefined;
}

/** Everything that it has heard until now, in order. */
const heard = (page: TestPage): unknown[] =>
  page.messages.flatMap((message) => (message.type === "event" ? [message.data] : []));

/** The rows of a table of somebody's database; none where there is no such thing. */
function rowsOf(dataDir: string, home: string, table: string): unknown[] {
  using folder = DataFolder.open(dataDir);
  try {
    const database = new DatabaseSync(folder.fileOf(home), { readOnly: true });
    const rows = database.prepare(`SELECT * FROM ${table}`).all();
    database.close();
    return rows.map((row) => ({ ...row }));
  } catch {
    return [];
  }
}

const quiet = () => ({ dataDir: testFolder(), env: {}, handleSignals: false });

const homeOf = (user: string): string =>
  connectionHome("UserConnection", `user/${encodeURIComponent(`user:${user}`)}`);

afterEach(() => void vi.useRealTimers());

describe("a connection on Node", () => {
  test("[G1][G2] is a state per user, by name and by websocketPath, live in all pages, and kept", async () => {
    const server = await start();
    const phone = await login(server, "ann");
    expect(phone.state).toEqual({ said: 0, online: true });
    const browser = await TestBrowser.at(server.url);
    const desk = new TestPage(browser.socket("/ws", {}, withToken("ann")), "c2");
    await desk.greeted();
    expect(await phone.act("say", { room: "nowhere", text: "a" })).toMatchObject({ result: 1 });
    await desk.take(
      (message) =>
        message.type === "commit" &&
        message.patches?.some(({ path }) => path[0] === "said") === true,
    );
    await server.close();
    const again = await start({ dataDir: server.dataDir });
    expect((await login(again, "ann")).state).toMatchObject({ said: 1 });
    expect((await login(again, "bob")).state).toMatchObject({ said: 0 });
  });

  test("[G10] keeps its meta while memory comes and goes", async () => {
    const server = await start({ idleSeconds: 0.02 });
    const page = await login(server, "ann");
    await page.act("rename", "Ada 😀");
    await vi.waitFor(() => expect(openFiles(server.dataDir)).toBe(0), WAIT);
    expect(await page.act("whoami")).toMatchObject({ result: "Ada 😀, ann" });
  });

  test("[G18] a userId that is not the user's is refused, and nothing is stored or woken", async () => {
    const server = await start();
    const browser = await TestBrowser.at(server.url);
    const page = new TestPage(browser.socket("/ws?key=bob", {}, withToken("ann")), "c1");
    expect(await page.untilClosed()).toMatchObject({ code: 4403, reason: "FORBIDDEN" });
    expect(readdirSync(join(server.dataDir, "instances"))).toEqual([]);
    expect((await fetch(`${server.url}/ws`)).status).toBe(426);
  });

  test("[G18] without authenticate a guessed userId opens a state of one's own", async () => {
    const open = defineConnection({
      name: "open",
      state: { notes: [] as string[] },
      extractMeta: () => ({ userId: "ann" }),
    }).on<string>("note", (ctx, text) => void ctx.state.notes.push(text));
    const server = await serve({ modules: {}, connections: { open }, port: 0, ...quiet() });
    onTestFinished(() => server.close());
    const [theirs, mine] = [await TestBrowser.at(server.url), await TestBrowser.at(server.url)];
    const page = await theirs.page("connection:open");
    await page.act("note", "secret");
    expect((await mine.page("connection:open")).state).toEqual({ notes: [] });
    expect((await theirs.page("connection:open")).state).toEqual({ notes: ["secret"] });
  });

  test("two connections that could not be told apart are refused", async () => {
    const twin = defineConnection({
      name: "twin",
      connectionBinding: "UserConnection",
      state: {},
      extractMeta: () => ({ userId: "x" }),
    });
    await expect(start({ connections: { user: chat, twin } })).rejects.toThrow(
      'The connections "user" and "twin" have the same connectionBinding, "UserConnection"',
    );
  });
});

describe("rooms on Node", () => {
  test("an event reaches everybody in the room, in the sender's order, but who is excepted", async () => {
    const server = await start();
    const [ann, also, bob, cid] = [
      await login(server, "ann"),
      await login(server, "ann", { client: "c2" }),
      await login(server, "bob"),
      await login(server, "cid"),
    ];
    for (const page of [also, bob, cid]) await page.act("join", "den");
    for (let count = 1; count <= 50; count++) ann.send("say", { room: "den", text: `${count}` });
    await ann.act("say", { room: "den", text: "psst", except: "bob" });
    await ann.act("say", { room: "den", text: "end" });
    const all = Array.from({ length: 50 }, (_, index) => `${index + 1}`);
    await vi.waitFor(() => expect(heard(bob)).toEqual([...all, "end"]), WAIT);
    await vi.waitFor(() => expect(heard(cid)).toEqual([...all, "psst", "end"]), WAIT);
    await vi.waitFor(() => expect(heard(also)).toEqual([...all, "psst", "end"]), WAIT);
  });

  test("channels of the meta are rooms from the start; different connections meet there", async () => {
    const server = await start();
    const [ann, bob] = [
      await login(server, "ann"),
      await login(server, "bob", { name: "connection:guest" }),
    ];
    await ann.act("say", { room: "lounge", text: "hello" });
    expect(await hear(bob)).toBe("hello");
    expect(await hear(ann)).toBe("hello");
  });

  test("who has left hears no more, and a room that nobody is in stores nothing", async () => {
    const server = await start();
    const [ann, bob] = [await login(server, "ann"), await login(server, "bob")];
    await ann.act("join", "den");
    await bob.act("join", "den");
    await ann.act("say", { room: "den", text: "one" });
    expect(await hear(bob)).toBe("one");
    await bob.act("leave", "den");
    await ann.act("say", { room: "den", text: "two" });
    await ann.act("say", { room: "lounge", text: "three" });
    expect(await hear(bob)).toBe("three");
    await ann.act("leave", "den");
    await server.close();
    expect(rowsOf(server.dataDir, roomHome("den"), "holdfast_room_members")).toEqual([]);
    expect(rowsOf(server.dataDir, roomHome("lounge"), "holdfast_room_members")).toHaveLength(2);
  });

  test("another user hears what is for him, on all of his pages", async () => {
    const server = await start();
    const ann = await login(server, "ann");
    const bob = [await login(server, "bob"), await login(server, "bob", { client: "c2" })];
    await ann.act("tell", { user: "bob", text: "to you" });
    for (const page of bob) expect(await hear(page)).toBe("to you");
    expect(heard(ann)).toEqual([]);
  });

  test("[G10] rooms and members leave memory, and nobody notices", async () => {
    const server = await start({ idleSeconds: 0.02 });
    const [ann, bob] = [await login(server, "ann"), await login(server, "bob")];
    await bob.act("join", "den");
    for (const text of ["one", "two", "three"]) {
      await vi.waitFor(() => expect(openFiles(server.dataDir)).toBe(0), WAIT);
      await ann.act("say", { room: "den", text });
      expect(await hear(bob)).toBe(text);
    }
  });

  test("[G10] a membership outlives the server; who comes back is in the room, as the same page", async () => {
    const server = await start();
    const [ann, bob] = [await login(server, "ann"), await login(server, "bob")];
    await bob.act("join", "den");
    await ann.act("say", { room: "den", text: "one" });
    expect(await hear(bob)).toBe("one");
    await server.close();
    const again = await start({ dataDir: server.dataDir });
    const annAgain = await login(again, "ann", { client: "c3" });
    const [bobAgain, other] = [
      await login(again, "bob"),
      await login(again, "bob", { client: "c2" }),
    ];
    await annAgain.act("say", { room: "den", text: "two" });
    expect(await hear(bobAgain)).toBe("two");
    await annAgain.act("say", { room: "lounge", text: "three" });
    // Another page of his has never joined.
    expect(await hear(other)).toBe("three");
  });

  test("who is gone for a minute is out of the room, though the server was down meanwhile", async () => {
    const server = await start();
    const [ann, bob] = [await login(server, "ann"), await login(server, "bob")];
    await ann.act("join", "den");
    await bob.act("join", "den");
    await server.close();
    const members = (): unknown[] =>
      rowsOf(server.dataDir, roomHome("den"), "holdfast_room_members");
    expect(members()).toHaveLength(2);
    // The clock alone: what is waited for is real.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_000 });
    const soon = await start({ dataDir: server.dataDir });
    await (await login(soon, "ann")).act("whoami");
    await soon.close();
    expect(members()).toHaveLength(2);
    vi.setSystemTime(Date.now() + 31_000);
    const later = await start({ dataDir: server.dataDir });
    await later.close();
    expect(members()).toMatchObject([{ user: "ann" }]);
    expect(rowsOf(server.dataDir, homeOf("bob"), "holdfast_rooms")).toEqual([]);
  });

  test("closing delivers what was emitted", async () => {
    const server = await start();
    const [ann, bob] = [await login(server, "ann"), await login(server, "bob")];
    await bob.act("join", "den");
    ann.send("say", { room: "den", text: "goodbye" });
    await ann.take(({ type }) => type === "ack");
    await server.close();
    const { messages } = await bob.untilClosed();
    expect(messages).toContainEqual(expect.objectContaining({ type: "event", data: "goodbye" }));
  });
});

test("a user's state moves house: exported here, imported there, byte for byte", async () => {
  const HOLDFAST_ADMIN_TOKEN = "an operator's token, long enough";
  const options = { env: { HOLDFAST_ADMIN_TOKEN } };
  const [here, there] = [await start(options), await start(options)];
  const ask = (server: TestServer, task: string, body?: string): Promise<Response> =>
    fetch(`${server.url}/holdfast/admin/${task}?module=connection:user&key=user:ann`, {
      headers: { Authorization: `Bearer ${HOLDFAST_ADMIN_TOKEN}` },
      ...(body === undefined ? {} : { method: "POST", body }),
    });
  await (await login(here, "ann")).act("say", { room: "nowhere", text: "a" });
  const backup = await (await ask(here, "export")).text();
  expect((await ask(there, "import", backup)).status).toBe(204);
  expect((await login(there, "ann")).state).toMatchObject({ said: 1 });
  expect(await (await ask(there, "inspect")).json()).toMatchObject({ key: "user:ann" });
});

describe("code of the server on Node", () => {
  test("tells rooms, but who is excepted, and users", async () => {
    const server = await serve({
      modules: {},
      connections,
      port: 0,
      authenticate: testAuthenticate,
      ...quiet(),
    });
    onTestFinished(() => server.close());
    const [ann, bob] = [await login(server, "ann"), await login(server, "bob")];
    const emit = server.emit("user");
    await emit.toRoom("lounge").except("ann").emit("said", "not ann");
    await emit.toRoom("lounge").emit("said", "all");
    await emit.toUser("bob").emit("said", "to you");
    expect(await hear(ann)).toBe("all");
    for (const text of ["not ann", "all", "to you"]) expect(await hear(bob)).toBe(text);
    await expect(emit.toRoom("").emit("said", "?")).rejects.toMatchObject({ code: "KEY_INVALID" });
    await expect(emit.toRoom("lounge").emit("said", "x".repeat(70_000))).rejects.toMatchObject({
      code: "VALUE_TOO_LARGE",
    });
    // @ts-expect-error -- no such connection
    expect(() => server.emit("users")).toThrow('There is no connection "users"');
    // @ts-expect-error -- no such event
    void emit.toRoom("nobody's").emit("shouted", "?");
    // @ts-expect-error -- other data
    void emit.toRoom("nobody's").emit("said", 1);
  });

  test("tells no user where nobody is asked who he is, and nobody in a server that has closed", async () => {
    const server = await serve({ modules: {}, connections, port: 0, ...quiet() });
    const emit = server.emit("user");
    await expect(emit.toUser("bob").emit("said", "?")).rejects.toMatchObject({
      code: "DEFINITION_INVALID",
    });
    await server.close();
    await expect(emit.toRoom("lounge").emit("said", "?")).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });
});

describe("[G1] what goes from one object to another", () => {
  /** Bob's socket: he looks at Ann's file at the moment that he hears of her. */
  class Witness extends EventEmitter {
    readyState = 1;
    bufferedAmount = 0;
    readonly frames: string[] = [];
    onFrame: (frame: string) => void = () => {};

    send(frame: string): void {
      this.frames.push(frame);
      this.onFrame(frame);
    }
    close(): void {}
    terminate(): void {}

    say(...messages: Parameters<typeof encodeMessage>): void {
      this.emit("message", Buffer.from(encodeMessage(...messages)), false);
    }
  }

  function open(objects: Objects, user: string): Witness {
    const socket = new Witness();
    objects.at(homeOf(user)).accept(
      // As much of a socket as is used of it.
      socket as unknown as WebSocket,
      {
        principal: `user:${user}`,
        session: user,
        user: { id: user },
        extra: { userId: user, channels: ["den"] },
        expires: undefined,
        generation: 0,
      },
    );
    socket.say({ type: "hello", protocol: 1, clients: [{ id: `page-of-${user}`, settled: 0 }] });
    return socket;
  }

  test("is durable before anybody hears of it", async () => {
    const folder = DataFolder.open(testFolder());
    const objects = new Objects({
      modules: {},
      connections,
      folder,
      limits: DEFAULT_LIMITS,
      env: {},
      idleMs: 60_000,
    });
    onTestFinished(async () => {
      await objects.close(1_000);
      folder[Symbol.dispose]();
    });
    const [ann, bob] = [open(objects, "ann"), open(objects, "bob")];
    await vi.waitFor(() => expect(bob.frames.join("")).toContain("snapshot"));
    await objects.at(homeOf("bob")).use((instance) => instance.running);
    const found: unknown[] = [];
    bob.onFrame = (frame) => {
      for (const message of decodeServerFrame(frame)) {
        if (message.type !== "event") continue;
        const database = new DatabaseSync(folder.fileOf(homeOf("ann")), { readOnly: true });
        const rows = database.prepare("SELECT * FROM holdfast_journal").all();
        found.push(JSON.stringify(rows).includes("said"));
        database.close();
      }
    };
    ann.say({
      type: "action",
      client: "page-of-ann",
      seq: 1,
      settled: 0,
      name: "say",
      payload: { room: "den", text: "hello" },
    });
    await vi.waitFor(() => expect(found).toEqual([true]), WAIT);
  });
});

/** Databases that are open now: each has its log beside it. */
function openFiles(dataDir: string): number {
  return readdirSync(join(dataDir, "instances"), { recursive: true }).filter((name) =>
    String(name).endsWith("-wal"),
  ).length;
}
