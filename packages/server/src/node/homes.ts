import type { Limits } from "@holdfast/protocol";
import type { AlarmClock } from "./alarm-clock.ts";
import type { DataFolder } from "./data-folder.ts";
import { Home, type HomeParts } from "./home.ts";
import type { Ground, Resident } from "./resident.ts";

/** Memory is looked through so often for what is idle, at least twice in the idle time. */
const MOST_SWEEP_MS = 10_000;

/** What homes of one kind are made of. */
export interface HomesOptions<Here extends Resident> {
  readonly folder: DataFolder;
  readonly limits: Limits;
  /** Rings for them: see `ring`. */
  readonly alarms: AlarmClock;
  /** An instance to which nothing happened for so long leaves memory. */
  readonly idleMs: number;
  readonly begin: (ground: Ground) => Here;
}

/** All homes of one kind in a process, by name. */
export class Homes<Here extends Resident> {
  readonly #parts: HomeParts<Here>;
  readonly #homes = new Map<string, Home<Here>>();
  readonly #alarms: AlarmClock;
  readonly #sweep: NodeJS.Timeout;
  #isClosed = false;

  constructor({ folder, limits, alarms, idleMs, begin }: HomesOptions<Here>) {
    this.#alarms = alarms;
    this.#parts = { folder, limits, begin, alarms, isClosed: () => this.#isClosed };
    const every = Math.min(idleMs / 2, MOST_SWEEP_MS);
    this.#sweep = setInterval(() => this.#unloadIdle(idleMs), every);
    this.#sweep.unref();
  }

  at(name: string): Home<Here> {
    let home = this.#homes.get(name);
    if (!home) this.#homes.set(name, (home = new Home(name, this.#parts)));
    return home;
  }

  /** Instances in memory. */
  get inMemory(): number {
    return [...this.#homes.values()].filter(({ isInMemory }) => isInMemory).length;
  }

  /** An alarm is due. One that fails rings again. */
  ring(name: string): void {
    this.at(name)
      .use((resident) => resident.ring())
      .catch((error: unknown) => {
        if (this.#isClosed) return;
        console.error(`Holdfast: the alarm of ${name} failed; it rings again.`, error);
        this.#alarms.set(name, Date.now() + RETRY_MS);
      });
  }

  /** Takes nothing in from sockets any more, and resolves when what is under way is over. */
  async rest(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#each((home) => home.rest());
  }

  /** Sends everybody away in order; resolves when what that has begun is over, and all is saved. */
  async wind(code: number, reason: string): Promise<void> {
    await this.#each((home) => home.wind(code, reason));
  }

  /** Whoever is here still is sent away, and memory goes; nothing comes into it again. */
  close(code: number, reason: string): void {
    clearInterval(this.#sweep);
    for (const home of this.#homes.values()) {
      home.leave(code, reason);
      home.unload();
    }
    this.#isClosed = true;
  }

  async #each(work: (home: Home<Here>) => Promise<void>): Promise<void> {
    await Promise.all([...this.#homes.values()].map(work));
  }

  #unloadIdle(idleMs: number): void {
    for (const [name, home] of this.#homes) {
      if (home.isIdle(idleMs)) home.unload();
      if (home.isEmpty) this.#homes.delete(name);
    }
  }
}

const RETRY_MS = 10_000;
