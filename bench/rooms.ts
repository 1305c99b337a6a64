import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { PROTOCOL_VERSION } from "@holdfast/protocol";
import { Workerd } from "@holdfast/testing/workerd";
import type { WebSocket } from "ws";
import { HoldfastSession } from "../prove/holdfast-session.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { againstL, interleave, type Measured } from "./rounds.ts";
import { median, percentile } from "./statistics.ts";

const MEMBERS = 1_000;
const WARM_UP_EVENTS = 20;
const EVENTS = 10;

/**
 * An event to a room of a thousand users, each of whom has an object of his own, beside the same event
 * to a thousand sockets on one instance of a `named()` module.
 */
export async function rooms(options: BenchOptions): Promise<Figure[]> {
  const entry = fileURLToPath(new URL("./rooms-worker.ts", import.meta.url));
  await using server = await Workerd.create({
    entry,
    durableObjects: ["ModuleObject", "RoomObject", "UserConnection"],
  });
  await server.start();
  const session = await HoldfastSession.mint(server.url);
  const idle = server.figures().residentBytes;
  const module = await Crowd.gather((user) => session.open("hall", "hall", user));
  const withSockets = server.figures().residentBytes;
  const room = await Crowd.gather((user) => session.open("connection:user", undefined, user));
  const withMembers = server.figures().residentBytes;
  options.progress(`${MEMBERS} members and ${MEMBERS} sockets are there`);
  const measure = async (crowd: Crowd): Promise<Measured> => {
    const cpu = server.figures().cpuMs;
    const { milliseconds, bytes } = await crowd.hear(EVENTS);
    return {
      p50: percentile(milliseconds, 0.5),
      bytes: median(bytes),
      cpu: (server.figures().cpuMs - cpu) / EVENTS,
    };
  };
  for (const crowd of [module, room]) await crowd.hear(WARM_UP_EVENTS);
  const comparison = await interleave({
    rounds: options.rounds,
    steadyBy: "p50",
    reference: () => measure(module),
    ours: () => measure(room),
  });
  module.leave();
  room.leave();
  const figure = (key: string, name: string, unit: string): Figure => ({
    ...againstL(comparison, key, { name, unit }),
    referenceName: "one named()",
  });
  return [
    figure("p50", "one event until the last of 1,000 has heard it, p50", "ms"),
    figure("cpu", "CPU per event to 1,000", "ms"),
    figure("bytes", "bytes of an event to each", "bytes"),
    {
      name: "memory of the server for each of 1,000",
      ours: (withMembers - withSockets) / MEMBERS,
      reference: (withSockets - idle) / MEMBERS,
      ratio: (withMembers - withSockets) / (withSockets - idle),
      referenceName: "one named()",
      unit: "bytes",
    },
  ];
}

/** A thousand users, a socket each. The first of them speaks; all listen. */
class Crowd {
  readonly #sockets: readonly WebSocket[];
  #sequence = 0;
  #settled = 0;
  #left = 0;
  #bytes: number[] = [];
  #everybody: () => void = () => undefined;

  static async gather(open: (user: string) => WebSocket): Promise<Crowd> {
    const sockets: WebSocket[] = [];
    for (let from = 0; from < MEMBERS; from += TOGETHER) {
      const some = Array.from({ length: Math.min(TOGETHER, MEMBERS - from) }, (_, index) =>
        greeted(open(`u${from + index}`), from + index),
      );
      sockets.push(...(await Promise.all(some)));
    }
    return new Crowd(sockets);
  }

  private constructor(sockets: readonly WebSocket[]) {
    this.#sockets = sockets;
    for (const socket of sockets) {
      socket.on("message", (data) => this.#receive(String(data)));
    }
  }

  /** Says so much, one after the other, and waits each time until the last one has heard it. */
  async hear(events: number): Promise<{ milliseconds: number[]; bytes: number[] }> {
    const milliseconds: number[] = [];
    this.#bytes = [];
    for (let event = 0; event < events; event++) {
      const started = performance.now();
      await new Promise<void>((resolve) => {
        this.#left = MEMBERS;
        this.#everybody = resolve;
        const seq = ++this.#sequence;
        this.#sockets[0]?.send(
          `{"type":"action","client":"${clientId(0)}","seq":${seq},"settled":${this.#settled},"name":"say","payload":"${TEXT}"}`,
        );
      });
      milliseconds.push(performance.now() - started);
    }
    return { milliseconds, bytes: this.#bytes };
  }

  leave(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners("close");
      socket.terminate();
    }
  }

  #receive(text: string): void {
    // The server's own messages; the benchmark trusts them.
    const frame = JSON.parse(text) as WireMessage | WireMessage[];
    for (const message of Array.isArray(frame) ? frame : [frame]) {
      if (message.type === "ack") this.#settled = message.seq;
      if (message.type !== "event") continue;
      this.#bytes.push(text.length);
      if (--this.#left === 0) this.#everybody();
    }
  }
}

type WireMessage = { type: "ack"; seq: number } | { type: "event" | "commit" | "snapshot" };

/** A socket whose hello is answered. */
function greeted(socket: WebSocket, index: number): Promise<WebSocket> {
  const hello = {
    type: "hello",
    protocol: PROTOCOL_VERSION,
    clients: [{ id: clientId(index), settled: 0 }],
  };
  return new Promise((resolve, reject) => {
    socket.once("open", () => socket.send(JSON.stringify(hello)));
    socket.once("error", reject);
    socket.once("close", (code, reason) =>
      reject(new Error(`the socket closed with ${code} ${String(reason)}`)),
    );
    socket.once("message", () => resolve(socket));
  });
}

function clientId(index: number): string {
  return `bench-${String(index).padStart(16, "0")}`;
}

const TOGETHER = 50;
const TEXT = "a line of ordinary length, as people write them";
