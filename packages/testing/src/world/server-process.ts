import type { SqlPort, SqlRow } from "@holdfast/server/internal/storage/sql-port";
import { type Disk, ProcessDied } from "./disk.ts";

export interface ProcessOptions {
  readonly disk: Disk;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** Does something as an event of its own. */
  readonly handle: (work: () => void) => void;
}

/**
 * One life of the instance's memory: its timers, its promises, its way to the disk. When it is gone,
 * what is left of it in the real process' memory reaches nothing any more.
 */
export class ServerProcess implements SqlPort {
  readonly #options: ProcessOptions;
  isGone = false;
  /** It has written or sent. */
  hasActed = false;
  readonly #writers = new Map<string, "writing" | "finished">();
  /** How many timers are set: they keep it from hibernating. */
  timers = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  run(sql: string, ...bindings: (string | number | null)[]): SqlRow[] {
    if (this.isGone) throw new ProcessDied();
    this.hasActed = true;
    return this.#options.disk.run(sql, ...bindings);
  }

  transaction<T>(work: () => T): T {
    if (this.isGone) throw new ProcessDied();
    this.hasActed = true;
    return this.#options.disk.transaction(work);
  }

  after(milliseconds: number, callback: () => void): () => void {
    let isSet = true;
    const stop = this.#options.after(milliseconds, () => {
      if (!isSet || this.isGone) return;
      isSet = false;
      this.timers--;
      this.#options.handle(callback);
    });
    this.timers++;
    return () => {
      if (!isSet) return;
      isSet = false;
      this.timers--;
      stop();
    };
  }

  /** Whether some action has written what it has not published yet. */
  get isWriting(): boolean {
    return this.#writers.size > 0;
  }

  writing(id: string, isWriting: boolean): void {
    if (isWriting) this.#writers.set(id, "writing");
    else if (this.#writers.has(id)) this.#writers.set(id, "finished");
  }

  /** What has finished is published by now: that takes a few microtasks. */
  endAwaits(): void {
    for (const [id, state] of this.#writers) if (state === "finished") this.#writers.delete(id);
  }

  /** What a handler awaits. */
  pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return Promise.resolve();
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }
}
