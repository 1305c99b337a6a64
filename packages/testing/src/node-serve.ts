import { mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BundleOptions, bundleProgram } from "./bundle-source.ts";
import { Child } from "./child.ts";
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
  readonly #child = new Child("the program");
  #port = 0;

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
    return this.#child.pid;
  }

  get log(): string {
    return this.#child.log;
  }

  async start(): Promise<void> {
    const given = [...this.#flags, this.#program, this.storage, String(this.#port)];
    const { child, ended } = this.#child.start(process.execPath, given, {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const listening = new Promise<number>((resolve) => {
      // Behind the child's own: what has come is in the log by now.
      const look = (): void => {
        const port = /^listening (\d+)$/m.exec(this.log)?.[1];
        if (port === undefined) return;
        child.stdout?.off("data", look);
        resolve(Number(port));
      };
      child.stdout?.on("data", look);
    });
    this.#port = await Promise.race([listening, ended]);
  }

  kill(signal?: NodeJS.Signals): Promise<void> {
    return this.#child.kill(signal);
  }

  figures(): ProcessFigures {
    return processFigures(this.pid);
  }

  killNow(): void {
    this.#child.killNow();
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
