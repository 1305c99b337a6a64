import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const DEMO = resolve(import.meta.dirname, "../../demo");
const VITE = resolve(import.meta.dirname, "../../node_modules/vite/bin/vite.js");
const READY_WITHIN_MS = 60_000;

/** `preview` serves the built demo; `dev` is what `npm run dev` starts; `node` serves it from Node. */
export type Mode = "preview" | "dev" | "node";

/** The demo on a port and a folder of its own: killed at will, started again on the same state. */
export class DemoServer implements AsyncDisposable {
  readonly url: string;
  readonly #mode: Mode;
  readonly #port: number;
  readonly #state: string;
  #vite: ChildProcess | undefined;
  #output = "";

  private constructor(mode: Mode, port: number, state: string) {
    this.#mode = mode;
    this.#port = port;
    this.#state = state;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(mode: Mode): Promise<DemoServer> {
    const state = await mkdtemp(join(tmpdir(), "holdfast-e2e-"));
    const server = new DemoServer(mode, await freePort(), state);
    await server.start();
    return server;
  }

  /** Starts Vite and its workerd, or Node's server; resolves once it answers. */
  async start(): Promise<void> {
    const port = String(this.#port);
    const vite = [VITE, this.#mode, "--host", "127.0.0.1", "--port", port, "--strictPort"];
    // A process group of its own, so that a kill reaches workerd as well.
    this.#vite = spawn(process.execPath, this.#mode === "node" ? ["start-node.ts"] : vite, {
      cwd: DEMO,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Vitest's own mode is not the demo's.
      env: { ...process.env, NODE_ENV: undefined, PORT: port, HOLDFAST_DEMO_STATE: this.#state },
    });
    this.#vite.stdout?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#vite.stderr?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    await this.#untilReady(this.#vite);
  }

  /** SIGKILL to Vite and workerd: nothing gets to say goodbye. */
  async kill(): Promise<void> {
    const vite = this.#vite;
    if (vite?.pid === undefined) return;
    this.#vite = undefined;
    const ended =
      vite.exitCode === null && vite.signalCode === null ? once(vite, "exit") : undefined;
    if (process.platform === "win32") {
      spawn("taskkill", ["/pid", String(vite.pid), "/t", "/f"], { stdio: "ignore" });
    } else {
      process.kill(-vite.pid, "SIGKILL");
    }
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#state, { recursive: true, force: true, maxRetries: 5 });
  }

  async #untilReady(vite: ChildProcess): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadline) {
      if (vite.exitCode !== null) break;
      const answer = await fetch(`${this.url}/holdfast/session`).catch(() => undefined);
      // Sessions are made by POST; that it says so means that the server runs.
      if (answer?.status === 405) return;
      await sleep(50);
    }
    await this.kill();
    throw new Error(`The demo did not start (${this.#mode}):\n${this.#output}`);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
