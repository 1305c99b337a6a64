import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { PROTOCOL_VERSION } from "@holdfast/protocol";
import { NodeServe } from "@holdfast/testing/node-serve";
import type { ServerProcess } from "@holdfast/testing/server-process";
import { Workerd, type WorkerdOptions } from "@holdfast/testing/workerd";
import type { WebSocket } from "ws";
import { HoldfastSession } from "../prove/holdfast-session.ts";
import { itemCount, itemKey } from "./bench-state.ts";
import type { SqlCounts } from "./sql-counts.ts";
import type { Link, Subject } from "./subject.ts";

export interface HoldfastSubject extends Subject, AsyncDisposable {
  /** A socket on an instance of the module that streams, which is read by whoever opens one. */
  openTalk(key: string): Promise<ActingLink>;
  /** What was written since the last call; only where `COUNT_SQL` is on. */
  sqlCounts(): Promise<SqlCounts>;
}

/** A socket that any action can be sent by. */
export interface ActingLink extends Link {
  /** One action by name, alone; resolves when it is answered. */
  act(name: string, payload: unknown): Promise<void>;
}

/** Holdfast, as `holdfast-worker.ts` sets it up. */
export async function startHoldfast(
  options: Pick<WorkerdOptions, "text" | "v8Flags" | "inspector"> = {},
): Promise<HoldfastSubject & { readonly server: Workerd }> {
  const entry = fileURLToPath(new URL("./holdfast-worker.ts", import.meta.url));
  const server = await Workerd.create({ entry, durableObjects: ["ModuleObject"], ...options });
  await server.start();
  return subjectAt(server);
}

/** The same modules on Node, as `node-server.ts` sets them up. */
export async function startHoldfastOnNode(): Promise<Subject & AsyncDisposable> {
  const entry = fileURLToPath(new URL("./node-server.ts", import.meta.url));
  const server = await NodeServe.create({ entry });
  await server.start();
  return subjectAt(server);
}

async function subjectAt<Server extends ServerProcess>(
  server: Server,
): Promise<HoldfastSubject & { readonly server: Server }> {
  const session = await HoldfastSession.mint(server.url);
  const items = new Map<string, number>();
  let links = 0;

  const json = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();
  const openModule = async (module: string, key: string): Promise<HoldfastLink> => {
    const id = `bench-${String(++links).padStart(16, "0")}`;
    const link = new HoldfastLink(session.open(module, key), id, items.get(key) ?? 1);
    await link.ready;
    return link;
  };
  const open = (key: string): Promise<HoldfastLink> => openModule("doc", key);

  return {
    name: "Holdfast",
    server,
    open,
    openTalk: (key) => openModule("talk", key),
    async fill(key, bytes) {
      const count = itemCount(bytes);
      items.set(key, count);
      const link = await open(key);
      for (let from = 0; from < count; from += FILLED_TOGETHER) {
        await link.act("fill", { from, to: Math.min(count, from + FILLED_TOGETHER) });
      }
      link.close();
    },
    connectToSnapshot: async (key) => {
      const started = performance.now();
      const link = await open(key);
      const milliseconds = performance.now() - started;
      link.close();
      return milliseconds;
    },
    // The worker's own routes.
    constructed: async () => ((await json("/constructed")) as { constructed: number }).constructed,
    sqlCounts: async () => (await json("/sql")) as SqlCounts,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/**
 * Speaks the protocol with as little work as a client can do, so that the load generator is not
 * what is measured: frames are parsed, acks counted, commits left alone.
 */
class HoldfastLink implements ActingLink {
  /** Resolves once `hello` is answered and its snapshot is parsed. */
  readonly ready: Promise<void>;
  readonly #socket: WebSocket;
  readonly #client: string;
  readonly #items: number;
  #sequence = 0;
  #settled = 0;
  #unseen = 0;
  #chunks: string[] = [];
  onAnswered: (count: number) => void = () => undefined;
  onFrame: (text: string) => void = () => undefined;

  constructor(socket: WebSocket, client: string, items: number) {
    this.#socket = socket;
    this.#client = client;
    this.#items = items;
    const hello = {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: client, settled: 0 }],
    };
    this.ready = new Promise((resolve, reject) => {
      socket.on("open", () => socket.send(JSON.stringify(hello)));
      socket.on("error", reject);
      socket.on("close", (code, reason) =>
        reject(new Error(`the socket closed with ${code} ${String(reason)}`)),
      );
      socket.on("message", (data) => {
        const text = String(data);
        this.onFrame(text);
        this.#receive(text, resolve);
      });
    });
  }

  send(count: number): void {
    if (count === 1) return this.#socket.send(this.#edit());
    const actions: string[] = [];
    for (let n = 0; n < count; n++) actions.push(this.#edit());
    this.#socket.send(`[${actions.join(",")}]`);
  }

  async act(name: string, payload: unknown): Promise<void> {
    await new Promise<void>((resolve) => {
      this.onAnswered = () => resolve();
      this.#socket.send(this.#action(name, payload));
    });
    this.onAnswered = () => undefined;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.terminate();
  }

  /** Edits one field of items all over the state, so that every part of it gets its share. */
  #edit(): string {
    return this.#action("edit", itemKey((this.#sequence * STRIDE) % this.#items));
  }

  #action(name: string, payload: unknown): string {
    const seq = ++this.#sequence;
    return `{"type":"action","client":"${this.#client}","seq":${seq},"settled":${this.#settled},"name":"${name}","payload":${JSON.stringify(payload)}}`;
  }

  #receive(text: string, resolve: () => void): void {
    // The server's own messages; the benchmark trusts them.
    const frame = JSON.parse(text) as WireMessage | WireMessage[];
    let answered = 0;
    for (const message of Array.isArray(frame) ? frame : [frame]) {
      if (message.type === "ack") {
        this.#settled = message.seq;
        answered++;
      } else if (message.type === "snapshot" || message.type === "resume") resolve();
      else if (message.type === "chunk") {
        this.#chunks.push(message.text);
        if (message.index === message.count - 1) {
          const whole = this.#chunks.join("");
          this.#chunks = [];
          this.#receive(whole, resolve);
        }
      } else if (!TAKEN_AS_IT_IS.has(message.type)) {
        throw new Error(`the server answered ${text.slice(0, 300)}`);
      }
    }
    this.#unseen += text.length;
    if (this.#unseen >= SEEN_EVERY_BYTES) {
      this.#socket.send(`{"type":"seen","read":${this.#unseen}}`);
      this.#unseen = 0;
    }
    if (answered > 0) this.onAnswered(answered);
  }
}

/** What is not looked into. */
const TAKEN_AS_IT_IS: ReadonlySet<string> = new Set(["commit", "stream", "received", "published"]);

type WireMessage =
  | { type: "ack"; seq: number }
  | { type: "commit" | "stream" | "received" | "published" }
  | { type: "snapshot" | "resume" | "reject" | "busy" | "gap" | "error" }
  | { type: "chunk"; index: number; count: number; text: string };

/** One commit may not be larger than its limit. */
const FILLED_TOGETHER = 5_000;
/** Coprime to every number of items in use: a prime. */
const STRIDE = 7919;
const SEEN_EVERY_BYTES = 256 * 1024;
