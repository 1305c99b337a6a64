import { applyPatches, type ServerMessage, type Value } from "@holdfast/protocol";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { newSession, TestSocket } from "./worker.fixture.ts";

let users = 0;
const freshUser = () => `user-${Date.now()}-${users++}`;
const sessionOf = (cookie: string) => cookie.slice("holdfast_session=".length).split(".")[0] ?? "";
const home = (cookie: string) => objectOf(`session:${sessionOf(cookie)}`);
const objectOf = (place: string) =>
  exports.ModuleObject.getByName(`todos/${encodeURIComponent(place)}`);

/** One link of a page to the to-do list. */
class Page {
  readonly socket: TestSocket;
  readonly client: string;
  state: Value;
  generation = -1;
  #seq = 0;

  private constructor(socket: TestSocket, client: string, [greeting, bound]: ServerMessage[]) {
    this.socket = socket;
    this.client = client;
    if (greeting?.type !== "snapshot" || bound?.type !== "bound") {
      throw new Error(`not greeted: ${JSON.stringify([greeting, bound])}`);
    }
    this.state = greeting.state;
    this.generation = bound.generation;
  }

  static async open(cookie: string, client: string): Promise<Page> {
    const socket = await TestSocket.open("/holdfast/connect/todos", { cookie });
    socket.say({ type: "hello", protocol: 1, clients: [{ id: client, settled: 0 }] });
    return new Page(socket, client, await socket.take(2));
  }

  send(name: string, payload?: Value): void {
    const { client } = this;
    const seq = ++this.#seq;
    const sent = payload === undefined ? {} : { payload };
    this.socket.say({ type: "action", client, seq, settled: 0, name, ...sent });
  }

  async change(name: string, payload: Value): Promise<void> {
    this.send(name, payload);
    const [commit] = await this.socket.take(2);
    if (commit?.type !== "commit") throw new Error(`no commit: ${JSON.stringify(commit)}`);
    this.state = applyPatches(this.state, commit.patches);
  }

  /** Everything that the socket brings until it is closed, without what is in between. */
  async leave(): Promise<string[]> {
    const { messages } = await this.socket.untilClosed();
    return messages.map((message) =>
      message.type === "ack" ? `ack ${message.seq} ${String(message.result)}` : message.type,
    );
  }
}

/** All that an object has stored, as text. */
async function stored(place: string): Promise<string> {
  return runInDurableObject(objectOf(place), (_object, { storage }) => {
    const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE 'holdfast%'");
    return tables
      .toArray()
      .map(({ name }) =>
        JSON.stringify(storage.sql.exec(`SELECT * FROM ${String(name)}`).toArray()),
      )
      .join("\n");
  });
}

describe("withKey on workerd", () => {
  test("[G22] a login adopts, a switch and a logout leave, and no byte goes where it does not belong", async () => {
    const [alice, bob, cookie] = [freshUser(), freshUser(), await newSession()];
    const guest = await Page.open(cookie, "c1");
    await guest.change("add", "guest canary");
    guest.send("login", alice);
    expect(await guest.leave()).toEqual(["received", `ack 2 welcome ${alice}`, "rebind"]);
    const asAlice = await Page.open(cookie, "c2");
    expect(asAlice.state).toEqual({ user: { id: alice }, todos: ["guest canary"] });
    expect(asAlice.generation).toBe(1);
    await asAlice.change("add", "alice canary");

    asAlice.send("login", bob);
    expect(await asAlice.leave()).toContain("rebind");
    const asBob = await Page.open(cookie, "c3");
    expect(asBob.state).toEqual({ user: { id: bob }, todos: [] });
    await asBob.change("add", "bob canary");
    expect(await stored(`key:${bob}`)).not.toMatch(/guest canary|alice canary/);
    expect(await stored(`key:${alice}`)).not.toMatch(/bob canary/);

    asBob.send("logout");
    expect(await asBob.leave()).toContain("rebind");
    const out = await Page.open(cookie, "c4");
    expect(out.state).toEqual({ user: null, todos: [] });
    expect(out.generation).toBe(3);
    expect(await stored(`session:${sessionOf(cookie)}`)).not.toMatch(/alice canary|bob canary/);
  });

  test("[G22][G10] tabs move along, other devices stay, whoever is evicted in between", async () => {
    const [alice, cookie, other] = [freshUser(), await newSession(), await newSession()];
    const phone = await Page.open(other, "phone-1");
    phone.send("login", alice);
    await phone.leave();
    const phoneAsAlice = await Page.open(other, "phone-2");
    await phoneAsAlice.change("add", "from the phone");

    const [desk, tab] = [await Page.open(cookie, "desk"), await Page.open(cookie, "tab")];
    await evictDurableObject(home(cookie), { webSockets: "hibernate" });
    await evictDurableObject(objectOf(`key:${alice}`), { webSockets: "hibernate" });
    desk.send("login", alice);
    expect(await desk.leave()).toContain("rebind");
    expect(await tab.leave()).toContain("rebind");
    const tabAsAlice = await Page.open(cookie, "tab-2");
    expect(tabAsAlice.state).toMatchObject({ todos: ["from the phone"] });

    tabAsAlice.send("logout");
    expect(await tabAsAlice.leave()).toContain("rebind");
    await evictDurableObject(objectOf(`key:${alice}`), { webSockets: "hibernate" });
    await phoneAsAlice.change("add", "still here");
    expect(phoneAsAlice.state).toMatchObject({ todos: ["from the phone", "still here"] });
  });

  test("a page that missed the move is told when it comes, with the answer that it missed", async () => {
    const [alice, cookie] = [freshUser(), await newSession()];
    const page = await Page.open(cookie, "c1");
    page.send("login", alice);
    await page.leave();
    const socket = await TestSocket.open("/holdfast/connect/todos", { cookie });
    socket.say({
      type: "hello",
      protocol: 1,
      clients: [{ id: "c1", settled: 0 }],
      generation: 0,
    });
    expect((await socket.untilClosed()).messages).toEqual([
      { type: "ack", client: "c1", seq: 1, version: 0, result: `welcome ${alice}` },
      { type: "rebind" },
    ]);
  });

  test("a session that never moved, and a key that nobody is at, have no storage", async () => {
    const cookie = await newSession();
    await Page.open(cookie, "c1");
    expect(await stored(`session:${sessionOf(cookie)}`)).toBe("");
    expect(await runDurableObjectAlarm(home(cookie))).toBe(false);
  });
});
