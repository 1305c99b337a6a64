import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { BundleOptions } from "./bundle-worker.ts";
import { endWithThisProcess } from "./end-with-this-process.ts";
import { type ProcessFigures, processFigures } from "./process-figures.ts";
import type { ServerProcess } from "./server-process.ts";

/**
 * A program that calls `serve()`, in a Node process of its own on one folder: killed at any moment and
 * started again at the same address. It is called with its folder and its port, and says
 * `listening <port>` on standard output.
 */
export class NodeServe implements ServerProcess {
  readonly #directory: string;
  readonly #flags: readonly string[];
  readonly #forget: () => void;
  #process: ChildProcess | undefined;
  #port = 0;
  #log = "";

  /** Bundles the program; nothing runs yet. */
  static async create(
    options: BundleOptions & { readonly flags?: readonly string[] },
  ): Promise<NodeServe> {
    const directory = mkdtempSync(join(tmpdir(), "holdfast-node-"));
    const server = new NodeServe(directory, options.flags ?? []);
    await writeFile(server.#program, await bundleProgram(options));
    return server;
  }

  private constructor(directory: string, flags: readonly string[]) {
    this.#directory = directory;
    this.#flags = flags;
    this.#forget = endWithThisProcess({ directory, end: () => this.killNow() });
  }

  get storage(): string {
    return join(this.#directory, "data");
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error("it is running already; kill it first");
    this.#log = "";
    const given = [...this.#flags, this.#program, this.storage, String(this.#port)];
    const child = spawn(process.execPath, given, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    const listening = Promise.withResolvers<void>();
    const collect = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_CHARACTERS);
      const port = /^listening (\d+)$/m.exec(this.#log)?.[1];
      if (port === undefined) return;
      this.#port = Number(port);
      listening.resolve();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("exit", () => {
      if (this.#process === child) this.#process = undefined;
      listening.reject(new Error(`the program ended before it listened:\n${this.#log}`));
    });
    await listening.promise;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const gone =
      child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    child.kill(signal);
    await gone;
    this.#process = undefined;
  }

  figures(): ProcessFigures {
    return processFigures(this.pid);
  }

  killNow(): void {
    this.#process?.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
    this.#forget();
  }

  get #program(): string {
    return join(this.#directory, "program.cjs");
  }
}

const LOG_CHARACTERS = 64 * 1024;

/** One file for Node; Holdfast's packages are taken from their sources. */
async function bundleProgram(options: BundleOptions): Promise<string> {
  const result = await build({
    entryPoints: [options.entry],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node22",
    conditions: ["holdfast-source"],
    // What makes `ws` a little faster where it is installed.
    external: ["bufferutil", "utf-8-validate"],
    define: { ...options.define },
    plugins: [...(options.plugins ?? [])],
    sourcemap: "inline",
    logLevel: "silent",
  });
  const output = result.outputFiles[0];
  if (output === undefined) throw new Error(`esbuild made no output of ${options.entry}`);
  return output.text;
}
