import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type BundleOptions, bundleWorker } from "./bundle-source.ts";
import { Child } from "./child.ts";
import { endWithThisProcess } from "./end-with-this-process.ts";
import { type ProcessFigures, processFigures } from "./process-figures.ts";
import type { ServerProcess } from "./server-process.ts";
import { workerdConfig } from "./workerd-config.ts";

/** What `workerd serve` is to run. */
export interface WorkerdOptions extends BundleOptions {
  /** Names of the exported Durable Object classes; each gets SQLite on disk and a binding of its name. */
  readonly durableObjects: readonly string[];
  /** Text bindings: what the worker finds in `env`. */
  readonly text?: Readonly<Record<string, string>>;
  /** Flags of V8, for instance `--max-old-space-size=128`. */
  readonly v8Flags?: readonly string[];
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** Opens V8's inspector, so that a CPU profile can be taken. */
  readonly inspector?: boolean;
  /** The storage directory; one in the system's temporary folder, removed at the end, if absent. */
  readonly storage?: string;
  /** The port to listen on; any that is free, if absent. */
  readonly port?: number;
}

/**
 * The real `workerd` on one storage directory: started, killed at any moment and started again at
 * the same address. `await using` ends the process and removes what it stored.
 *
 * Every process ends with this one, also after an error or Ctrl-C.
 *
 * @example
 * await using server = await Workerd.create({ entry, durableObjects: ["ModuleObject"] });
 * await server.start();
 * await server.kill();
 * await server.start(); // the same port, the same storage
 */
export class Workerd implements ServerProcess {
  readonly #directory: string;
  readonly #ownsStorage: string | undefined;
  readonly #options: WorkerdOptions;
  readonly #forget: () => void;
  readonly #child = new Child("workerd");
  #port = 0;
  #inspectorPort = 0;

  /** Bundles the worker and prepares its folder; nothing runs yet. */
  static async create(options: WorkerdOptions): Promise<Workerd> {
    const directory = mkdtempSync(join(tmpdir(), "holdfast-workerd-"));
    const workerd = new Workerd(options, directory);
    writeFileSync(join(directory, "worker.js"), await bundleWorker(options));
    writeFileSync(join(directory, "config.capnp"), workerdConfig(options));
    await mkdir(workerd.storage, { recursive: true });
    return workerd;
  }

  private constructor(options: WorkerdOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
    this.#port = options.port ?? 0;
    this.#ownsStorage = options.storage === undefined ? join(directory, "storage") : undefined;
    this.#forget = endWithThisProcess({ directory, end: () => this.killNow() });
  }

  /** Where the SQLite files are. */
  get storage(): string {
    return this.#options.storage ?? join(this.#directory, "storage");
  }

  /** `http://127.0.0.1:<port>`, the same after every start. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get inspectorPort(): number {
    return this.#inspectorPort;
  }

  /** The process's id while it runs. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when a process ends that nobody has killed. */
  get crashed(): Promise<void> {
    return this.#child.crashed;
  }

  /** What the process printed since its last start: console output and uncaught errors. */
  get log(): string {
    return this.#child.log;
  }

  /** Resolves once the port accepts connections; throws with the process's output if it ends first. */
  async start(): Promise<void> {
    const { child, ended } = this.#child.start(workerdBinary(), this.#arguments(), {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      cwd: this.#directory,
    });
    await Promise.race([this.#listening(child), ended]);
    // A worker that throws while it loads says so, listens, and ends a moment later.
    if (this.log !== "") await Promise.race([sleep(LOAD_FAILURE_MS), ended]);
  }

  /** Ends the process, by default with no chance to finish anything, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void> {
    return this.#child.kill(signal);
  }

  /** Sends SIGKILL at once, inside the current event; `kill()` waits for the end. */
  killNow(): void {
    this.#child.killNow();
  }

  figures(): ProcessFigures {
    return processFigures(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#ownsStorage !== undefined)
      await rm(this.#ownsStorage, { recursive: true, force: true });
    await rm(this.#directory, { recursive: true, force: true });
    this.#forget();
  }

  #arguments(): string[] {
    const port = (known: number): string => `127.0.0.1:${known}`;
    const inspector = this.#options.inspector
      ? [`--inspector-addr=${port(this.#inspectorPort)}`]
      : [];
    return [
      "serve",
      "--experimental",
      "--control-fd=3",
      `--socket-addr=http=${port(this.#port)}`,
      `--directory-path=storage=${this.storage}`,
      ...inspector,
      join(this.#directory, "config.capnp"),
    ];
  }

  /** workerd says on its control pipe which ports it was given. */
  async #listening(child: ChildProcess): Promise<void> {
    // stdio[3] was asked for as a pipe, so it is a readable stream.
    const control = child.stdio[3] as Readable;
    let text = "";
    let waiting = this.#options.inspector ? 2 : 1;
    for await (const chunk of control) {
      text += String(chunk);
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        // workerd writes one JSON object per line.
        const event = JSON.parse(text.slice(0, end)) as { event: string; port?: number };
        text = text.slice(end + 1);
        if (event.event === "listen") this.#port = event.port ?? this.#port;
        else if (event.event === "listen-inspector") this.#inspectorPort = event.port ?? 0;
        else continue;
        waiting--;
      }
      if (waiting === 0) return;
    }
  }
}

/** The platform's own binary: its launcher in `bin/` is a Node script and would be one process more. */
export function workerdBinary(): string {
  // workerd comes with wrangler, which the root package pins; npm may nest it there.
  const wrangler = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));
  // The package's main export is the path of the binary.
  const binary = wrangler("workerd") as { default: string };
  if (!existsSync(binary.default)) {
    throw new Error(`workerd's binary is not at ${binary.default}; run npm install`);
  }
  return binary.default;
}

const LOAD_FAILURE_MS = 200;
