import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_LIMITS, PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import {
  type Connection,
  type ConnectionMeta,
  sessionIdentity,
} from "@holdfast/server/internal/host/connection";
import { AlarmClock } from "@holdfast/server/internal/node/alarm-clock";
import { DataFolder } from "@holdfast/server/internal/node/data-folder";
import type { Ground, Resident } from "@holdfast/server/internal/node/resident";
import { Homes } from "@holdfast/server/internal/node/homes";
import { WebSocket, WebSocketServer } from "ws";
import { Probe, type ProbeSocket } from "./probe.ts";
import type { MicroScript, Move } from "./scripts.ts";

/** Longer than anything in a script takes, once its frames have arrived. */
const REST_MS = 120;
const NAME = "probe/";

/** Runs a script on a home of the Node server, over real sockets. */
export async function runOnNode(
  { moves }: MicroScript,
  dataDir: string,
): Promise<Record<string, string[]>> {
  using folder = DataFolder.open(dataDir);
  const homes = new Homes<ProbeResident>({
    folder,
    limits: DEFAULT_LIMITS,
    alarms: new AlarmClock(folder.index, Date.now, () => undefined),
    idleMs: 3_600_000,
    begin: (ground) => new ProbeResident(ground),
  });
  await using server = await SocketServer.start((socket) =>
    homes.at(NAME).accept(socket, sessionIdentity("peer")),
  );
  const peers = new Map<string, Peer>();
  for (const move of moves) {
    if ("hibernate" in move) homes.at(NAME).unload();
    else if ("open" in move) peers.set(move.open, await Peer.open(server.url));
    else peers.get(move.peer)?.make(move);
    await allAreRead(peers);
    await sleep(REST_MS);
    await allAreRead(peers);
  }
  const heard = [...peers].map(([name, peer]) => [name, [...peer.heard]] as [string, string[]]);
  for (const peer of peers.values()) peer.end();
  homes.close(1012, "");
  return Object.fromEntries(heard);
}

/** However slow the machine is: each side has read what the other had sent. */
async function allAreRead(peers: ReadonlyMap<string, Peer>): Promise<void> {
  await Promise.all([...peers.values()].map((peer) => peer.roundTrip()));
}

/** Does what its peers tell it to, where otherwise an instance would be. */
class ProbeResident implements Resident {
  readonly #probe: Probe;
  readonly #running = new Set<Promise<void>>();

  constructor({ sql, platform, connections }: Ground) {
    this.#probe = new Probe({
      run: (text, ...bindings) => sql.run(text, ...bindings),
      transaction: (work) => sql.transaction(work),
      sockets: () => [...connections()].map(asProbeSocket),
      after: (ms, callback) => void platform.after(ms, callback),
      pause: (ms) => new Promise((resolve) => void platform.after(ms, resolve)),
      abort: () => platform.abort("planned by the script"),
    });
  }

  get running(): Promise<unknown> | undefined {
    return this.#running.size > 0 ? Promise.all(this.#running) : undefined;
  }

  connect(): void {}

  receive(connection: Connection, frame: string | ArrayBuffer): void {
    const running = this.#probe.message(asProbeSocket(connection), String(frame));
    if (!running) return;
    this.#running.add(running);
    running.catch(() => undefined).finally(() => this.#running.delete(running));
  }

  disconnect(connection: Connection): void {
    this.#probe.closed(asProbeSocket(connection));
  }

  async ring(): Promise<void> {}
}

function asProbeSocket(connection: Connection): ProbeSocket {
  return {
    send: (text) => connection.send(text),
    close: (code, reason) => connection.close(code, reason),
    // A connection keeps any object; the host's are of this type.
    remember: (value) => connection.remember(value as unknown as ConnectionMeta),
    recall: () => {
      const { note } = connection.meta as unknown as { note?: string };
      return note === undefined ? undefined : { note };
    },
  };
}

class SocketServer implements AsyncDisposable {
  readonly #server: Server;

  static async start(accept: (socket: WebSocket) => void): Promise<SocketServer> {
    const server = createServer();
    new WebSocketServer({ server }).on("connection", accept);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SocketServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    // It listens on a port, and not on a pipe.
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

class Peer {
  readonly heard: string[] = [];
  readonly #socket: WebSocket;

  static async open(url: string): Promise<Peer> {
    const socket = new WebSocket(url);
    const peer = new Peer(socket);
    await once(socket, "open");
    return peer;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const text = String(data);
      this.heard.push(text === PONG_FRAME ? "pong" : text);
    });
    socket.on("close", (code, reason) => {
      this.heard.push(code === 1006 ? "closed 1006" : `closed ${code} ${String(reason)}`);
    });
    socket.on("error", () => undefined);
  }

  make(move: Extract<Move, { peer: string }>): void {
    if ("pings" in move) return this.#socket.send(PING_FRAME);
    for (const deeds of move.says) this.#socket.send(JSON.stringify(deeds));
    if ("closes" in move) this.#socket.close(...move.closes);
  }

  /** Resolves when the other side has answered, or the socket is closed; not by a frame that it would see. */
  roundTrip(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      if (socket.readyState === WebSocket.CLOSED) return resolve();
      socket.once("pong", () => resolve()).once("close", () => resolve());
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    });
  }

  end(): void {
    this.#socket.terminate();
  }
}
