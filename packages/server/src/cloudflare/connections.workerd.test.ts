import { type ServerMessage } from "@holdfast/protocol";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ask, constructed, newSession, TestSocket, withToken } from "./worker.fixture.ts";

let users = 0;
/** Objects outlive a test: each takes users of its own. */
const freshUser = () => `u${Date.now()}-${users++}`;
const objectOf = (user: string) =>
  exports.UserConnection.getByName(`user/${encodeURIComponent(`user:${user}`)}`);

/** One page of a connection. */
class Page {
  readonly socket: TestSocket;
  readonly #client: string;
  #seq = 0;
  #settled = 0;

  private constructor(socket: TestSocket, client: string) {
    this.socket = socket;
    this.#client = client;
  }

  static async open(
    socket: Promise<TestSocket>,
    client = `c${users++}`,
  ): Promise<[Page, ServerMessage[]]> {
    const page = new Page(await socket, client);
    page.socket.say({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] });
    return [page, await page.socket.take(1)];
  }

  /** Emits, and takes what comes up to the answer. */
  async emit(name: string, payload?: unknown): Promise<ServerMessage> {
    const seq = ++this.#seq;
    this.socket.say({
      type: "action",
      client: this.#client,
      seq,
      settled: this.#settled,
      name,
      // The tests send values.
      ...(payload === undefined ? undefined : { payload: payload as never }),
    });
    for (;;) {
      const [message] = await this.socket.take(1);
      if (message?.type !== "ack" && message?.type !== "reject") continue;
      this.#settled = seq;
      return message;
    }
  }

  /** The next event, whatever comes before it. */
  async event(): Promise<unknown> {
    for (;;) {
      const [message] = await this.socket.take(1);
      if (message?.type === "event") return message.data;
    }
  }
}

/** A user's socket, by a token of the test worker's `authenticate`. */
async function login(
  user: string,
  path = "/holdfast/connect/connection:user",
): Promise<TestSocket> {
  return TestSocket.open(path, {
    cookie: await newSession(),
    protocol: withToken(`user_${user}`),
  });
}

describe("admission", () => {
  test("a socket reaches its user's instance by name, and by websocketPath", async () => {
    const user = freshUser();
    const [one, first] = await Page.open(login(user));
    expect(first).toMatchObject([{ type: "snapshot", state: { said: 0 } }]);
    expect(await one.emit("say", { room: "nowhere", text: "a" })).toMatchObject({ type: "ack" });
    const [, second] = await Page.open(login(user, "/ws"));
    expect(second).toMatchObject([{ type: "snapshot", state: { said: 1 } }]);
  });

  test("[G18] a userId that is not the user's is refused, and wakes nobody", async () => {
    const [user, other] = [freshUser(), freshUser()];
    await Page.open(login(other));
    const before = await constructed();
    const socket = await login(user, `/ws?key=${other}`);
    const { code, messages } = await socket.untilClosed();
    expect(code).toBe(4403);
    expect(messages).toMatchObject([{ type: "error", error: { code: "FORBIDDEN" } }]);
    expect(await constructed()).toBe(before);
  });

  test("[G18] without authenticate a guessed userId opens a state of one's own", async () => {
    const guessed = freshUser();
    const path = `/open/open-ws?key=${guessed}`;
    const [theirs, mine] = [await newSession(), await newSession()];
    const [one] = await Page.open(TestSocket.open(path, { cookie: theirs }));
    await one.emit("note", "secret");
    const [, seen] = await Page.open(TestSocket.open(path, { cookie: mine }));
    expect(seen).toMatchObject([{ type: "snapshot", state: { notes: [] } }]);
    const [, again] = await Page.open(TestSocket.open(path, { cookie: theirs }));
    expect(again).toMatchObject([{ type: "snapshot", state: { notes: ["secret"] } }]);
    // And nobody is told by a name that anybody may take.
    expect(await one.emit("tell", guessed)).toMatchObject({
      type: "ack",
    });
    expect(await one.emit("tell", "somebody")).toMatchObject({
      type: "reject",
      error: { code: "DEFINITION_INVALID" },
    });
  });

  test("[G14] meta that is too large is refused, and one just below it survives hibernation", async () => {
    const user = freshUser();
    const path = (size: number): string => `/holdfast/connect/connection:broken?key=${size}`;
    const refused = await (await login(user, path(6_200))).untilClosed();
    expect(refused.messages).toMatchObject([{ error: { code: "META_TOO_LARGE" } }]);
    const [, first] = await Page.open(login(user, path(6_000)));
    expect(first).toMatchObject([{ type: "snapshot" }]);
  });

  test("[G18] a foreign page and a foreign session get nowhere", async () => {
    const evil = await TestSocket.open("/ws", { origin: "https://evil.example" });
    expect((await evil.untilClosed()).messages).toMatchObject([
      { error: { code: "ORIGIN_FORBIDDEN" } },
    ]);
    const none = await TestSocket.open("/ws", { cookie: "" });
    expect((await none.untilClosed()).messages).toMatchObject([
      { error: { code: "SESSION_INVALID" } },
    ]);
  });
});

describe("a connection that hibernates", () => {
  test("[G10] keeps its meta and what was set of it", async () => {
    const user = freshUser();
    const [page] = await Page.open(login(user));
    await page.emit("rename", "Ada 😀");
    await evictDurableObject(objectOf(user), { webSockets: "hibernate" });
    expect(await page.emit("whoami")).toMatchObject({ result: `Ada 😀, ${user}` });
  });

  test("[G10] hears of its rooms and of other users, though nobody was awake", async () => {
    const [ann, bob] = [freshUser(), freshUser()];
    const room = `den of ${ann}`;
    const [one] = await Page.open(login(ann));
    const [two] = await Page.open(login(bob));
    await two.emit("join", room);
    await evictDurableObject(objectOf(bob), { webSockets: "hibernate" });
    await one.emit("say", { room, text: "to the room" });
    expect(await two.event()).toBe("to the room");
    await evictDurableObject(objectOf(bob), { webSockets: "hibernate" });
    await one.emit("tell", { user: bob, text: "to you" });
    expect(await two.event()).toBe("to you");
  });

  test("channels of its meta are rooms from the start; who only emits is not in one", async () => {
    const [ann, bob] = [freshUser(), freshUser()];
    const [one] = await Page.open(login(ann));
    const [two] = await Page.open(login(bob));
    await one.emit("whoami");
    await two.emit("say", { room: "lounge", text: `from ${bob}` });
    for (let heard: unknown; heard !== `from ${bob}`;) heard = await one.event();
  });
});

describe("code of the server", () => {
  const emit = async (query: Record<string, string>): Promise<string> =>
    (await ask(`/test/emit?${new URLSearchParams(query).toString()}`)).text();

  test("tells a room, but who is excepted, and a user, though nobody was awake", async () => {
    const [ann, bob] = [freshUser(), freshUser()];
    const room = `den of ${ann}`;
    const [one] = await Page.open(login(ann));
    const [two] = await Page.open(login(bob));
    for (const page of [one, two]) await page.emit("join", room);
    for (const user of [ann, bob]) {
      await evictDurableObject(objectOf(user), { webSockets: "hibernate" });
    }
    expect(await emit({ to: "room", who: room, text: "not ann", except: ann })).toBe("taken");
    expect(await emit({ to: "room", who: room, text: "all" })).toBe("taken");
    expect(await one.event()).toBe("all");
    expect([await two.event(), await two.event()]).toEqual(["not ann", "all"]);
    expect(await emit({ to: "user", who: bob, text: "to you" })).toBe("taken");
    expect(await two.event()).toBe("to you");
    expect(await emit({ to: "room", who: "", text: "?" })).toBe("KEY_INVALID");
  });
});

test("[G14] the limits of the Worker are those of its connections", async () => {
  const [page] = await Page.open(login(freshUser()));
  // It is in one, by its channels.
  for (let count = 0; count < 7; count++) {
    expect(await page.emit("join", `room ${count}`)).toMatchObject({ type: "ack" });
  }
  expect(await page.emit("join", "one too many")).toMatchObject({
    type: "reject",
    error: { code: "TOO_MANY_WRITES" },
  });
});

describe("direct storage", () => {
  test("[G4] of a synchronous handler goes back with it, of an asynchronous one stays", async () => {
    const [page] = await Page.open(login(freshUser()));
    const kept = async () => (await page.emit("kept", "k")) as { result?: unknown };
    await page.emit("keep", { key: "k1", value: "a", outcome: "fine" });
    const refused = await page.emit("keep", { key: "k2", value: "a", outcome: "throw" });
    expect(refused).toMatchObject({ type: "reject", error: { code: "REFUSED" } });
    expect(await kept()).toMatchObject({ result: ["k1"] });
    await page.emit("keepLater", { key: "k3", value: "a", outcome: "throw" });
    expect(await kept()).toMatchObject({ result: ["k1", "k3"] });
  });

  test("an asynchronous transaction is all or nothing, and refuses commit()", async () => {
    const user = freshUser();
    const [page] = await Page.open(login(user));
    expect(await page.emit("transact", { keys: ["a", "b"], outcome: "fine" })).toMatchObject({
      type: "ack",
    });
    expect(await page.emit("transact", { keys: ["c", "d"], outcome: "throw" })).toMatchObject({
      error: { code: "REFUSED" },
    });
    expect(await page.emit("transact", { keys: ["e"], outcome: "commit" })).toMatchObject({
      error: { code: "DEFINITION_INVALID" },
    });
    expect(await page.emit("kept", "")).toMatchObject({ result: ["a", "b"] });
    const [, snapshot] = await Page.open(login(user));
    expect(snapshot).toMatchObject([{ state: { said: 1 } }]);
  });

  test("nobody else is served while one is open, so nothing of others is undone with it", async () => {
    const user = freshUser();
    const [one] = await Page.open(login(user));
    const [two] = await Page.open(login(user));
    const keys = Array.from({ length: 20 }, (_, index) => `x${index}`);
    const [, refused] = await Promise.all([
      (async () => {
        for (let count = 0; count < 10; count++) {
          const { type } = await two.emit("say", { room: "nowhere", text: "b" });
          expect(type).toBe("ack");
        }
      })(),
      one.emit("transact", { keys, outcome: "throw" }),
    ]);
    expect(refused).toMatchObject({ type: "reject" });
    await evictDurableObject(objectOf(user), { webSockets: "close" });
    const [, snapshot] = await Page.open(login(user));
    expect(snapshot).toMatchObject([{ state: { said: 10 } }]);
  });
});

test("an instance of a connection that nobody changed stores nothing", async () => {
  const user = freshUser();
  await runInDurableObject(objectOf(user), async (instance, state) => {
    expect(await instance.holdfastEvents("nowhere", [])).toBe("gone");
    expect(state.storage.sql.exec("SELECT name FROM sqlite_master").toArray()).toEqual([]);
  });
});
