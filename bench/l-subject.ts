import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { Workerd } from "@holdfast/testing/workerd";
import { WebSocket } from "ws";
import { benchState } from "./bench-state.ts";
import type { Link, Subject } from "./subject.ts";

/** L of DESIGN 9; see `l-worker.ts`. */
export async function startL(): Promise<Subject & AsyncDisposable> {
  const entry = fileURLToPath(new URL("./l-worker.ts", import.meta.url));
  const server = await Workerd.create({ entry, durableObjects: ["LObject"] });
  await server.start();
  const socket = (key: string, query = ""): WebSocket =>
    new WebSocket(`${server.url.replace("http", "ws")}/socket?key=${key}${query}`, {
      perMessageDeflate: false,
    });
  return {
    name: "L",
    server,
    async fill(key, bytes) {
      const body = JSON.stringify(benchState(bytes).items);
      const response = await fetch(`${server.url}/fill?key=${key}`, { method: "POST", body });
      await response.text();
    },
    async open(key) {
      const link = new LLink(socket(key));
      await link.ready;
      return link;
    },
    connectToSnapshot: (key) =>
      new Promise((resolve, reject) => {
        const started = performance.now();
        const opening = socket(key, "&snapshot");
        opening.once("error", reject);
        opening.once("message", (data) => {
          // The reader parses it, as any client has to.
          JSON.parse(String(data));
          resolve(performance.now() - started);
          opening.close();
        });
      }),
    async constructed() {
      const response = await fetch(`${server.url}/constructed`);
      // The worker's own route, a line above its default export.
      return ((await response.json()) as { constructed: number }).constructed;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

let links = 0;

class LLink implements Link {
  readonly ready: Promise<void>;
  readonly #socket: WebSocket;
  /** As long as an id of ours. */
  readonly #client = `l-${String(++links).padStart(20, "0")}`;
  readonly #open: number[] = [];
  #sequence = 0;
  onAnswered: (count: number) => void = () => undefined;
  onFrame: (text: string) => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ready = new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.on("message", (data) => {
      const text = String(data);
      this.onFrame(text);
      // Any client has to; ours is measured with it.
      JSON.parse(text);
      // What others did is told in the same words.
      if (!text.includes(this.#client)) return;
      const count = this.#open.shift();
      if (count !== undefined) this.onAnswered(count);
    });
  }

  send(count: number): void {
    const actions: string[] = [];
    for (let n = 0; n < count; n++) actions.push(this.#action());
    this.#open.push(count);
    this.#socket.send(count === 1 ? actions.join("") : `[${actions.join(",")}]`);
  }

  close(): void {
    this.#socket.terminate();
  }

  /** As long as one of ours on the wire. */
  #action(): string {
    const seq = ++this.#sequence;
    return `{"type":"action","client":"${this.#client}","seq":${seq},"settled":${seq - 1},"name":"edit","payload":"item-${seq % 10}"}`;
  }
}
