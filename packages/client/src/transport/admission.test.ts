import { PROTOCOL_VERSION } from "@holdfast/protocol";
import { describe, expect, test, vi } from "vitest";
import { createClient } from "../client.ts";
import { type App, goLive, setUp } from "../client.fixture.ts";
import { settle, TestPage } from "../page.fixture.ts";
import { outcome } from "../store/store.fixture.ts";

describe("connecting", () => {
  test("[G18] asks for a session once, before the first socket, for all instances together", async () => {
    const { page, client, counter } = setUp();
    let answer: (response: Response) => void = () => undefined;
    page.answerPost = () => new Promise((resolve) => (answer = resolve));
    counter.subscribe(() => undefined);
    client.module("room", "a/b ü").subscribe(() => undefined);
    await settle();
    expect(page.posts).toEqual(["https://app.example/holdfast/session"]);
    expect(page.sockets).toEqual([]);
    answer(new Response());
    await settle();
    expect(page.sockets.map(({ url }) => url)).toEqual([
      "wss://app.example/holdfast/connect/counter",
      "wss://app.example/holdfast/connect/room?key=a%2Fb%20%C3%BC",
    ]);
    expect(page.socket.protocols).toEqual(["holdfast.1"]);
    expect(page.posts).toHaveLength(1);
  });

  test("says hello first, and is live once that is answered", async () => {
    const { page, counter, server } = setUp();
    counter.subscribe(() => undefined);
    expect(counter.getSnapshot()).toMatchObject({ status: "connecting", restored: false });
    const promise = counter.actions.add(2);
    await settle();
    page.socket.open();
    await settle();
    const frames = page.socket.take();
    expect(frames).toMatchObject([[{ type: "hello", protocol: PROTOCOL_VERSION }]]);
    expect(counter.getSnapshot().status).toBe("connecting");
    page.socket.deliver(...server.answer(page.socket, frames[0] ?? []));
    expect(counter.getSnapshot()).toMatchObject({ status: "live", restored: true, pending: 1 });
    await settle();
    server.handle(page.socket);
    expect(await promise).toBe(2);
    expect(counter.getSnapshot()).toMatchObject({ state: { n: 2 }, pending: 0 });
  });

  test("[G18] [P2] the token travels in a subprotocol, encoded, fresh for every attempt", async () => {
    let count = 0;
    const { page } = await goLive({ token: async () => `tökén/${++count}` });
    const [, encoded = ""] = page.socket.protocols;
    expect(encoded).toMatch(/^holdfast\.token\.[A-Za-z0-9_-]+$/);
    const text = encoded.slice("holdfast.token.".length).replaceAll("-", "+").replaceAll("_", "/");
    expect(Buffer.from(text, "base64").toString("utf8")).toBe("tökén/1");
    expect(page.socket.url).not.toContain("token");
    page.socket.drop();
    await page.advance(5_000);
    expect(page.sockets).toHaveLength(2);
    expect(page.socket.protocols[1]).not.toBe(encoded);
  });

  test("a token that cannot be had now is asked for again; without one it connects without", async () => {
    const token = vi.fn<() => Promise<string | null>>();
    token.mockRejectedValueOnce(new Error("login server is down"));
    token.mockResolvedValue(null);
    const { page, counter } = setUp({ token });
    counter.subscribe(() => undefined);
    await settle();
    expect(page.sockets).toEqual([]);
    expect(page.reports).toHaveLength(1);
    await page.advance(5_000);
    expect(page.socket.protocols).toEqual(["holdfast.1"]);
  });

  test("the session is asked for again, with back-off, until there is one", async () => {
    const { page, counter } = setUp();
    page.answerPost = () => Promise.reject(new TypeError("network"));
    counter.subscribe(() => undefined);
    await page.advance(60_000);
    expect(page.posts.length).toBeGreaterThan(3);
    expect(page.posts.length).toBeLessThan(10);
    expect(page.reports).toHaveLength(1);
    page.answerPost = () => new Response();
    await page.advance(31_000);
    expect(page.sockets).toHaveLength(1);
  });

  test("[G13] a session request that is never answered is given up, and asked again", async () => {
    const { page, counter } = setUp();
    page.answerPost = () => new Promise(() => undefined);
    counter.subscribe(() => undefined);
    await settle();
    expect(page.posts).toHaveLength(1);
    page.answerPost = () => Promise.resolve(new Response());
    await page.advance(20_000);
    expect(page.posts).toHaveLength(2);
    expect(page.sockets).toHaveLength(1);
  });

  test("[G18] a session that is refused is final", async () => {
    const { page, counter } = setUp();
    page.answerPost = () =>
      Response.json(
        { error: { code: "ORIGIN_FORBIDDEN", message: "not from there" } },
        { status: 403 },
      );
    counter.subscribe(() => undefined);
    const promise = counter.actions.add();
    expect(await outcome(promise)).toBe("ORIGIN_FORBIDDEN");
    expect(counter.getSnapshot()).toMatchObject({
      status: "denied",
      error: { code: "ORIGIN_FORBIDDEN", message: "not from there" },
    });
    await page.advance(120_000);
    expect(page.posts).toHaveLength(1);
    expect(page.sockets).toEqual([]);
  });

  test("a host without Holdfast is named to the developer once", async () => {
    const { page, counter } = setUp({ host: "http://localhost:8787/base/" });
    page.answerPost = () => new Response(null, { status: 404 });
    counter.subscribe(() => undefined);
    await page.advance(60_000);
    expect(page.posts[0]).toBe("http://localhost:8787/base/holdfast/session");
    expect(page.reports.map(({ cause }) => String(cause))).toEqual([
      expect.stringContaining("answered 404"),
    ]);
  });

  test.each([
    ["example.com", "wss://example.com/holdfast/connect/counter"],
    ["ws://example.com", "ws://example.com/holdfast/connect/counter"],
    ["https://example.com/a", "wss://example.com/a/holdfast/connect/counter"],
  ])("host %s", async (host, url) => {
    const { page, counter } = setUp({ host });
    counter.subscribe(() => undefined);
    await settle();
    expect(page.socket.url).toBe(url);
  });

  test("a host that is no address is refused at once", () => {
    expect(() => setUp({ host: "https://" })).toThrow(
      expect.objectContaining({ code: "DEFINITION_INVALID" }),
    );
  });

  test("on a server nothing connects, and an action says so", async () => {
    const page = new TestPage();
    const client = createClient<App>({
      host: "example.com",
      environment: { ...page.environment, WebSocket: undefined },
    });
    const counter = client.module("counter");
    counter.subscribe(() => undefined);
    expect(await outcome(counter.actions.add())).toBe("CLOSED");
    await page.advance(1_000);
    expect(page.posts).toEqual([]);
    expect(page.sockets).toEqual([]);
    expect(counter.getSnapshot().status).toBe("connecting");
  });

  test.each([
    ["empty", ""],
    ["too long", "ü".repeat(257)],
    ["half a character", "\ud83d"],
  ])("a key that cannot be is refused without a connection: %s", async (_, key) => {
    const { page, client } = setUp();
    const room = client.module("room", key);
    room.subscribe(() => undefined);
    await settle();
    expect(room.getSnapshot()).toMatchObject({ status: "closed", error: { code: "KEY_INVALID" } });
    expect(await outcome(room.actions.add())).toBe("KEY_INVALID");
    expect(page.sockets).toEqual([]);
    expect(page.posts).toEqual([]);
  });
});
