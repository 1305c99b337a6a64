import { PING_FRAME } from "@holdfast/protocol";
import { readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { TestBrowser, TestPage } from "./page.fixture.ts";
import { startServer, withToken } from "./server.fixture.ts";

const files = (dataDir: string): string[] =>
  readdirSync(join(dataDir, "instances"), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".sqlite"));

describe("a Node server", () => {
  test("[G1][G6] two browsers see each other's actions, and a new server on the folder has them all", async () => {
    const server = await startServer();
    const [ann, bo] = [await TestBrowser.at(server.url), await TestBrowser.at(server.url)];
    const one = await ann.page("counter");
    const other = await bo.page("counter");
    expect(await one.act("increment", 2)).toMatchObject({ type: "ack", result: 2 });
    expect(await other.take(({ type }) => type === "commit")).toMatchObject({ version: 1 });
    expect(await other.act("increment")).toMatchObject({ result: 3 });
    await server.close();
    const again = await startServer({ dataDir: server.dataDir });
    const page = await (await TestBrowser.at(again.url)).page("counter");
    expect(page).toMatchObject({ state: { count: 3 }, version: 2 });
  });

  test("an instance that was only asked for leaves no file; one that has committed has one of its own", async () => {
    const server = await startServer();
    const browser = await TestBrowser.at(server.url);
    await browser.page("room", { key: "looked at" });
    expect(files(server.dataDir)).toEqual([]);
    const page = await browser.page("room", { key: "../../../etc/written" });
    await page.act("send", "hello");
    expect(files(server.dataDir)).toHaveLength(1);
    await page.act("send", "again");
    expect(files(server.dataDir)).toHaveLength(1);
  });

  test("[G2] a session survives a restart: its secret is in the folder, or in HOLDFAST_SECRET", async () => {
    const server = await startServer({ env: { HOLDFAST_SECRET: "one" } });
    const browser = await TestBrowser.at(server.url);
    const page = await browser.page("draft");
    await page.act("write", "dear diary");
    await server.close();
    const { port } = server;
    const rotated = await startServer({
      dataDir: server.dataDir,
      port,
      env: { HOLDFAST_SECRET: "two, one" },
    });
    expect((await browser.page("draft")).state).toEqual({ text: "dear diary" });
    await rotated.close();
    await startServer({ dataDir: server.dataDir, port, env: {} });
    const stranger = new TestPage(browser.socket("/holdfast/connect/draft"), "c1");
    expect(await stranger.untilClosed()).toMatchObject({ code: 4401, reason: "SESSION_INVALID" });
  });

  test("a session that has ended leaves no file, and begins anew", async () => {
    const server = await startServer({ idleSeconds: 0.05 });
    const browser = await TestBrowser.at(server.url);
    const page = await browser.page("visit");
    await page.act("write", "gone tomorrow");
    expect(files(server.dataDir)).toHaveLength(1);
    page.socket.close();
    await vi.waitFor(() => expect(files(server.dataDir)).toEqual([]), { timeout: 20_000 });
    const again = await browser.page("visit");
    expect(again.state).toEqual({ text: "" });
    expect(await again.act("write", "here again")).toMatchObject({ type: "ack", version: 1 });
    expect(files(server.dataDir)).toHaveLength(1);
  });

  test("[G10] memory goes when nothing happens, sockets stay, and nobody notices", async () => {
    const server = await startServer({ idleSeconds: 0.05 });
    const page = await (await TestBrowser.at(server.url)).page("counter");
    await page.act("increment");
    // Its open files go with it.
    const wal = (): string[] =>
      readdirSync(join(server.dataDir, "instances"), { recursive: true })
        .map(String)
        .filter((name) => name.endsWith("-wal"));
    await vi.waitFor(() => expect(wal()).toEqual([]), { timeout: 20_000 });
    page.socket.send(PING_FRAME);
    await vi.waitFor(() => expect(page.pongs).toBe(1));
    expect(wal()).toEqual([]);
    expect(await page.act("increment")).toMatchObject({ type: "ack", result: 2, version: 2 });
  });

  test("an action under way keeps its instance in memory, and has its end", async () => {
    const server = await startServer({ idleSeconds: 0.05 });
    const page = await (await TestBrowser.at(server.url)).page("counter");
    expect(await page.act("slow", 400)).toMatchObject({ type: "ack" });
    expect(await page.act("increment")).toMatchObject({ result: 102 });
  });

  test("what is scheduled happens at its time, in an instance that has left memory, and behind a restart", async () => {
    const server = await startServer({ idleSeconds: 0.05 });
    const page = await (await TestBrowser.at(server.url)).page("counter");
    await page.act("later", 300);
    expect(await page.take(({ type }) => type === "commit")).toMatchObject({
      patches: [{ path: ["rang"], value: 1 }],
    });
    await page.act("later", 200);
    await server.close();
    const again = await startServer({ dataDir: server.dataDir });
    await vi.waitFor(
      async () => {
        const seen = await (await TestBrowser.at(again.url)).page("counter");
        expect(seen.state).toMatchObject({ rang: 2 });
      },
      { timeout: 20_000 },
    );
  });

  test("closing lets finish what runs, and sends everybody away with a code to come back from", async () => {
    const server = await startServer({ graceSeconds: 20 });
    const browser = await TestBrowser.at(server.url);
    const page = await browser.page("counter");
    page.send("slow", 300);
    await page.take(({ type }) => type === "commit");
    const closing = server.close();
    const { code, messages } = await page.untilClosed();
    expect(code).toBe(1012);
    expect(messages.map(({ type }) => type)).toContain("ack");
    await closing;
    const again = await startServer({ dataDir: server.dataDir });
    expect((await (await TestBrowser.at(again.url)).page("counter")).state).toMatchObject({
      count: 101,
    });
  });

  test("[G4] an action that closing does not wait for is rolled back to what it published", async () => {
    const server = await startServer({ graceSeconds: 0.05 });
    const page = await (await TestBrowser.at(server.url)).page("counter");
    page.send("slow", 60_000);
    await page.take(({ type }) => type === "commit");
    await server.close();
    const again = await startServer({ dataDir: server.dataDir });
    expect((await (await TestBrowser.at(again.url)).page("counter")).state).toMatchObject({
      count: 1,
    });
  });
});

describe("admission on Node", () => {
  test.each([
    ["a module that is not there", "/holdfast/connect/nothing", {}, 4404, "UNKNOWN_MODULE"],
    ["a key that may not be", "/holdfast/connect/room?key=closed", {}, 4403, "FORBIDDEN"],
    [
      "a page of elsewhere",
      "/holdfast/connect/counter",
      { Origin: "https://evil.example" },
      4403,
      "ORIGIN_FORBIDDEN",
    ],
    [
      "a forged session",
      "/holdfast/connect/draft",
      { Cookie: "holdfast_session=a.b.c" },
      4401,
      "SESSION_INVALID",
    ],
    ["nobody where somebody has to be", "/holdfast/connect/profile", {}, 4401, "UNAUTHENTICATED"],
  ])(
    "[G18] %s is told on a socket, and nothing is stored or woken",
    async (_, path, headers, code, reason) => {
      const server = await startServer();
      const browser = await TestBrowser.at(server.url);
      const page = new TestPage(browser.socket(path, headers), "c1");
      expect(await page.untilClosed()).toMatchObject({
        code,
        reason,
        messages: [{ type: "error", error: { code: reason } }],
      });
      expect(files(server.dataDir)).toEqual([]);
    },
  );

  test("a user is who the token names, and has one instance on all devices", async () => {
    const server = await startServer();
    const [phone, desk] = [await TestBrowser.at(server.url), await TestBrowser.at(server.url)];
    const page = await phone.page("profile", { protocols: withToken("ann") });
    expect(page.socket.protocol).toBe("holdfast.1");
    await page.act("rename", "Ann");
    const other = await desk.page("profile", { protocols: withToken("ann") });
    expect(other.state).toEqual({ name: "Ann (ann)" });
  });

  test("behind a proxy, `origin` is what browsers see: it is the pages', and cookies are for https", async () => {
    const server = await startServer({ origin: "https://app.example" });
    const ask = (origin: string): Promise<Response> =>
      fetch(`${server.url}/holdfast/session`, { method: "POST", headers: { Origin: origin } });
    expect((await ask(server.url)).status).toBe(403);
    expect((await ask("https://app.example")).headers.getSetCookie()[0]).toContain("; Secure");
  });

  test("[G14] a session is not asked for with a long body", async () => {
    const server = await startServer();
    const response = await fetch(`${server.url}/holdfast/session`, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: "x".repeat(100_000),
    });
    expect(response.status).toBe(413);
  });

  test("other requests are the app's, bodies and answers as they are; what it throws stays here", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const server = await startServer({
      fetch: async (request) => {
        if (request.method === "GET") throw new Error("secret detail");
        const headers = new Headers({ "X-Path": new URL(request.url).pathname });
        headers.append("Set-Cookie", "a=1");
        headers.append("Set-Cookie", "b=2");
        return new Response((await request.text()).toUpperCase(), { status: 201, headers });
      },
    });
    const posted = await fetch(`${server.url}//some/path`, { method: "POST", body: "hello" });
    expect([posted.status, await posted.text(), posted.headers.get("X-Path")]).toEqual([
      201,
      "HELLO",
      "//some/path",
    ]);
    expect(posted.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    const failed = await fetch(server.url);
    expect([failed.status, await failed.text()]).toEqual([
      500,
      "The server's log says what is wrong.",
    ]);
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
    expect((await fetch(`${server.url}/holdfast/connect/counter`)).status).toBe(426);
    expect((await fetch(`${server.url}/holdfast/other`)).status).toBe(404);
  });
});

describe("[G14] what a peer does not read", () => {
  test(
    "is bounded here: who pings and reads nothing is cut off, and others are served",
    { timeout: 120_000 },
    async () => {
      const limits = { unseenBytes: 10_000, frameOutBytes: 10_000 };
      const HOLDFAST_ADMIN_TOKEN = "an operator's token, long enough";
      const server = await startServer({ limits, env: { HOLDFAST_ADMIN_TOKEN } });
      const connections = async (): Promise<number> => {
        const response = await fetch(`${server.url}/holdfast/admin/inspect?module=counter`, {
          headers: { Authorization: `Bearer ${HOLDFAST_ADMIN_TOKEN}` },
        });
        return ((await response.json()) as { connections: number }).connections;
      };
      const browser = await TestBrowser.at(server.url);
      const page = await browser.page("counter");
      const rude = await browser.page("counter", { client: "c2" });
      // The link itself: frames are put on it in bulk, and none is taken off it.
      const { _socket: link } = rude.socket as unknown as { readonly _socket: Socket };
      link.pause();
      let isGone = false;
      const ended = rude.untilClosed().then(() => (isGone = true));
      const head = [0x81, 0x80 | PING_FRAME.length, 0, 0, 0, 0];
      const ping = Buffer.concat([Buffer.from(head), Buffer.from(PING_FRAME)]);
      const pings = Buffer.alloc(50_000 * ping.length, ping);
      // Until the system's own buffers are full as well, and more.
      while ((await connections()) > 1) {
        if (link.writableLength < pings.length) link.write(pings);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await vi.waitFor(async () => expect(await connections()).toBe(1), { timeout: 20_000 });
      link.resume();
      await ended;
      expect(isGone).toBe(true);
      expect(await page.act("increment")).toMatchObject({ type: "ack", result: 1 });
    },
  );

  test("a frame over its limit is refused in words, one far over it is not even read", async () => {
    const server = await startServer();
    const browser = await TestBrowser.at(server.url);
    const long = await browser.page("counter");
    long.socket.send("x".repeat(300 * 1024));
    expect(await long.untilClosed()).toMatchObject({ code: 4413, reason: "FRAME_TOO_LARGE" });
    const huge = await browser.page("counter");
    huge.socket.send("x".repeat(2 * 1024 * 1024));
    expect(await huge.untilClosed()).toMatchObject({ code: 1009 });
    const binary = await browser.page("counter");
    binary.socket.send(new Uint8Array([1, 2, 3]));
    expect(await binary.untilClosed()).toMatchObject({ code: 4400, reason: "MALFORMED_FRAME" });
  });
});

describe("code of the server on Node", () => {
  test("calls an instance; what it is answered is durable", async () => {
    const server = await startServer();
    const page = await (await TestBrowser.at(server.url)).page("room", { key: "general" });
    await server.instance("room", "general").actions.send("from the server");
    expect(await page.take(({ type }) => type === "commit")).toMatchObject({ version: 1 });
    await expect(server.instance("counter").actions.increment(4)).resolves.toBe(4);
    expect(() => server.instance("room", "")).toThrow(/no key was given/);
  });

  test("calls in a circle are found, others go their way", async () => {
    const server = await startServer();
    const call = (route: readonly string[]): Promise<string> =>
      server.instance("account", "a").actions.pass(route);
    expect(await call(["b", "c"])).toBe("b c end");
    expect(await call(["b", "a"])).toBe("b REENTRANT");
  });
});

describe("withKey on Node", () => {
  test("[G22] a login adopts, a logout leaves, and two devices share", async () => {
    const server = await startServer({ idleSeconds: 0.05 });
    const [phone, desk] = [await TestBrowser.at(server.url), await TestBrowser.at(server.url)];
    const guest = await phone.page("todos");
    await guest.act("add", "guest's");
    guest.send("login", "ann");
    expect((await guest.untilClosed()).messages.at(-1)).toMatchObject({ type: "rebind" });
    const asAnn = await phone.page("todos", { client: "c2" });
    expect(asAnn.state).toEqual({ user: { id: "ann" }, todos: ["guest's"] });

    const other = await desk.page("todos");
    other.send("login", "ann");
    await other.untilClosed();
    const deskAsAnn = await desk.page("todos", { client: "c2" });
    await deskAsAnn.act("add", "desk's");
    expect(await asAnn.take(({ type }) => type === "commit")).toBeDefined();

    asAnn.send("logout");
    await asAnn.untilClosed();
    expect((await phone.page("todos", { client: "c3" })).state).toEqual({ user: null, todos: [] });
    expect((await deskAsAnn.act("add", "more")).type).toBe("ack");
    await server.close();
    const again = await startServer({ dataDir: server.dataDir, port: server.port });
    void again;
    expect((await desk.page("todos", { client: "c4" })).state).toMatchObject({
      todos: ["guest's", "desk's", "more"],
    });
  });
});
