import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";

const LOG_CHARACTERS = 64 * 1024;

/** One process at a time: started, listened to, and ended at any moment. */
export class Child {
  readonly #name: string;
  readonly #crash = Promise.withResolvers<void>();
  #process: ChildProcess | undefined;
  #log = "";

  /** @param name what messages call it */
  constructor(name: string) {
    this.#name = name;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** What it has printed since its last start. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when a process ends that nobody has killed. */
  get crashed(): Promise<void> {
    return this.#crash.promise;
  }

  /**
   * Starts it.
   *
   * @returns the process, and what rejects, with what it printed, when it ends
   */
  start(
    command: string,
    args: readonly string[],
    options: SpawnOptions,
  ): { readonly child: ChildProcess; readonly ended: Promise<never> } {
    if (this.#process) throw new Error(`${this.#name} is running already; kill it first`);
    this.#log = "";
    const child = spawn(command, args, options);
    this.#process = child;
    const collect = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_CHARACTERS);
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    const ended = once(child, "exit").then(() => {
      if (this.#process === child) this.#process = undefined;
      if (!child.killed) this.#crash.resolve();
      throw new Error(`${this.#name} ended before it listened:\n${this.#log}`);
    });
    // Behind its start nobody waits for this.
    ended.catch(() => undefined);
    return { child, ended };
  }

  /** Ends it, by default with no chance to finish anything, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const gone =
      child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    child.kill(signal);
    await gone;
    this.#process = undefined;
  }

  /** Sends SIGKILL at once, inside the current event; `kill()` waits for the end. */
  killNow(): void {
    this.#process?.kill("SIGKILL");
  }
}
