import { HoldfastError, type Limits } from "@holdfast/protocol";
import type { ModuleDefinition } from "@holdfast/server";
import { closeWith } from "@holdfast/server/internal/host/close";
import { mindsLeaving } from "@holdfast/server/internal/host/hooks";
import { Host } from "@holdfast/server/internal/host/host";
import { missPresence } from "@holdfast/server/internal/host/presence";
import type { BoardEnv } from "./board.ts";
import type { Actor, Ground } from "./server-actor.ts";
import type { ServerEnd } from "./server-end.ts";

export interface HostActorOptions {
  readonly module: ModuleDefinition;
  readonly name: string;
  readonly limits: Limits;
  readonly now: () => number;
  readonly token: (length: number) => string;
  readonly watcher: HostWatcher;
}

/** Sees what a host tells those who run it. */
export interface HostWatcher {
  /** It came into memory. */
  restored(host: Host): void;
  /** It told its operator. */
  reported(error: unknown, what: string): void;
  /** It says that it is broken. */
  broken(reason: string, error?: unknown): void;
}

/**
 * The real host in one process: does at an event what `server/src/host/instance.ts` does,
 * whose counterpart it is.
 */
export class HostActor implements Actor {
  readonly #options: HostActorOptions;
  readonly #ground: Ground;
  #host: Host | undefined;

  constructor(options: HostActorOptions, ground: Ground) {
    this.#options = options;
    this.#ground = ground;
  }

  get host(): Host | undefined {
    return this.#host;
  }

  get isBusy(): boolean {
    return this.#host?.running !== undefined;
  }

  /** Comes into memory, if it is not there. */
  wake(): void {
    this.#host ??= this.#restore();
  }

  connect(end: ServerEnd): void {
    const isFresh = !this.#host;
    const host = this.#hostFor(end);
    // A fresh host has taken in every open socket, this one with them.
    if (!isFresh) host?.connect(end);
  }

  message(end: ServerEnd, text: string): void {
    this.#hostFor(end)?.receive(end, text);
  }

  closed(end: ServerEnd): void {
    if (!this.#host && !mindsLeaving(this.#options.module)) return;
    const host = this.#hostFor(end);
    if (host) host.disconnect(end);
    else missPresence(this.#ground.sockets());
  }

  #hostFor(end: ServerEnd): Host | undefined {
    try {
      return (this.#host ??= this.#restore());
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      this.#options.watcher.reported(error, "The instance could not be restored");
      closeWith(end, error);
      return undefined;
    }
  }

  #restore(): Host {
    const { module, name, limits, now, token, watcher } = this.#options;
    const { process } = this.#ground;
    const host = new Host({
      module,
      name,
      key: "",
      sql: process,
      limits,
      env: {
        pause: (milliseconds) => process.pause(milliseconds),
        writing: (id, isWriting) => process.writing(id, isWriting),
      } satisfies BoardEnv,
      platform: {
        now,
        after: (milliseconds, callback) => process.after(milliseconds, callback),
        pause: () => process.pause(1),
        token,
        warn: () => {},
        // The modules of the world set none.
        setAlarm: () => {},
        abort: (reason) => {
          watcher.broken(reason);
          this.#ground.abort();
        },
        report: (error, what) => watcher.reported(error, what),
      },
    });
    watcher.restored(host);
    for (const end of this.#ground.sockets()) host.connect(end);
    return host;
  }
}
