import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { createClient } from "../client.ts";
import { type App, createServer, put } from "../client.fixture.ts";
import { TestPage } from "../page.fixture.ts";
import type { TestServer } from "../server.fixture.ts";
import { FakeSocket } from "../socket.fixture.ts";
import { openSocket } from "./partysocket.ts";

// What partysocket does on real sockets, which no fake can vouch for.

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server on a port of its own that speaks through the same few lines as the fakes. */
async function listen(server: TestServer, port = 0): Promise<RealServer> {
  const sockets = new WebSocketServer({ port, host: "127.0.0.1" });
  const connections: { readonly socket: ServerSocket; readonly protocol: string; path: string }[] =
    [];
  sockets.on("connection", (socket, request) => {
    connections.push({ socket, protocol: socket.protocol, path: request.url ?? "" });
    const ends = new FakeSocket("");
    ends.readyState = FakeSocket.OPEN;
    ends.deliverText = (text) => socket.send(text);
    socket.on("message", (data: Buffer) => {
      ends.send(data.toString());
      server.handle(ends);
    });
    socket.on("close", () => (ends.readyState = FakeSocket.CLOSED));
  });
  await new Promise((resolve) => sockets.once("listening", resolve));
  const close = (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate();
    return new Promise((resolve) => sockets.close(() => resolve()));
  };
  cleanups.push(close);
  // True because it listens on a port.
  return { connections, close, port: (sockets.address() as AddressInfo).port };
}

interface RealServer {
  readonly connections: {
    readonly socket: ServerSocket;
    readonly protocol: string;
    path: string;
  }[];
  readonly port: number;
  close(): Promise<void>;
}

test("[G1] [G2] [G9] over real sockets: connect, act, lose the server, come back, go on", async () => {
  const server = createServer();
  const first = await listen(server);
  const client = createClient<App>({
    host: `http://127.0.0.1:${first.port}`,
    environment: { WebSocket, fetch: async () => new Response(), random: () => 0.02 },
  });
  cleanups.push(() => client.close());
  const counter = client.module("counter");
  const statuses: string[] = [];
  counter.subscribe(() => {
    const { status } = counter.getSnapshot();
    if (statuses.at(-1) !== status) statuses.push(status);
  });
  expect(await counter.actions.add(2)).toBe(2);
  expect(first.connections).toMatchObject([
    { protocol: "holdfast.1", path: "/holdfast/connect/counter" },
  ]);
  await first.close();
  const waiting = counter.actions.add(3);
  server.commit(put("text", "meanwhile"));
  const second = await listen(server, first.port);
  expect(await waiting).toBe(5);
  expect(counter.getSnapshot().state).toEqual({ n: 5, text: "meanwhile" });
  expect(second.connections).toHaveLength(1);
  expect(statuses).toEqual(["connecting", "live", "reconnecting", "live"]);
  await expect(counter.actions.fail()).rejects.toMatchObject({ code: "REFUSED" });
});

test("[G20] a terminal close of a real socket keeps its code", async () => {
  const server = createServer();
  const { connections, port } = await listen(server);
  const client = createClient<App>({
    host: `http://127.0.0.1:${port}`,
    environment: { WebSocket, fetch: async () => new Response() },
  });
  cleanups.push(() => client.close());
  const counter = client.module("counter");
  await new Promise<void>((resolve) => {
    counter.subscribe(() => {
      if (counter.getSnapshot().status === "live") connections[0]?.socket.close(4426, "protocol");
      if (counter.getSnapshot().status === "closed") resolve();
    });
  });
  expect(counter.getSnapshot().error?.code).toBe("PROTOCOL_UNSUPPORTED");
  expect(connections).toHaveLength(1);
});

test("waits for no timer of its own, before the first attempt or a later one", async () => {
  const page = new TestPage();
  const timers = vi.spyOn(globalThis, "setTimeout");
  const attempts = vi.fn();
  const socket = openSocket({
    // True because the tests always have one.
    WebSocket: page.environment.WebSocket as NonNullable<typeof page.environment.WebSocket>,
    admit: async () => ({ url: "ws://localhost/", protocols: [] }),
    onAttempt: attempts,
    onOpen: () => undefined,
    onMessage: () => undefined,
    onClose: () => true,
  });
  for (let attempt = 1; attempt <= 3; attempt++) {
    await page.advance(0);
    expect(page.sockets).toHaveLength(attempt);
    page.socket.open();
    page.socket.drop();
  }
  expect(attempts).toHaveBeenCalledTimes(3);
  // Those that it starts are its timeouts, which never run out.
  for (const [, delay] of timers.mock.calls) expect(delay).toBeGreaterThan(86_400_000);
  timers.mockRestore();
  socket.close();
  await page.advance(0);
  expect(page.sockets).toHaveLength(3);
});

test("queues nothing: what is sent while no socket is open is lost, for the outbox to send again", async () => {
  const page = new TestPage();
  const socket = openSocket({
    // True because the tests always have one.
    WebSocket: page.environment.WebSocket as NonNullable<typeof page.environment.WebSocket>,
    admit: async () => ({ url: "ws://localhost/", protocols: [] }),
    onAttempt: () => undefined,
    onOpen: () => undefined,
    onMessage: () => undefined,
    onClose: () => true,
  });
  socket.send("early");
  await page.advance(0);
  page.socket.open();
  expect(page.socket.sent).toEqual([]);
  socket.send("now");
  expect(page.socket.sent).toEqual(["now"]);
  socket.close();
});
