import { CloseCode, type Limits } from "@holdfast/protocol";
import { AlarmClock } from "./alarm-clock.ts";
import type { DataFolder } from "./data-folder.ts";
import { type Ground, Home, type HomeParts, type Resident } from "./home.ts";

/** Memory is looked through so often for what is idle, at least twice in the idle time. */
const MOST_SWEEP_MS = 10_000;

/** What all instances of a process are made of. */
export interface HomesOptions<Here extends Resident> {
  readonly folder: DataFolder;
  readonly limits: Limits;
  /** An instance to which nothing happened for so long leaves memory. */
  readonly idleMs: number;
  readonly begin: (ground: Ground) => Here;
}

/** All instances of a process, by name. */
export class Homes<Here extends Resident> {
  readonly #parts: HomeParts<Here>;
  readonly #homes = new Map<string, Home<Here>>();
  readonly #alarms: AlarmClock;
  readonly #sweep: NodeJS.Timeout;

  constructor({ folder, limits, idleMs, begin }: HomesOptions<Here>) {
    this.#alarms = new AlarmClock(folder.index, Date.now, (name) => this.#ring(name));
    this.#parts = { folder, limits, begin, alarms: this.#alarms };
    const every = Math.min(idleMs / 2, MOST_SWEEP_MS);
    this.#sweep = setInterval(() => this.#unloadIdle(idleMs), every);
    this.#sweep.unref();
  }

  /** Begins to ring alarms, those that became due while nobody looked first. */
  start(): void {
    this.#alarms.start();
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

  /**
   * Takes nothing in any more, lets end what is under way, at most for `graceMs`, and has every client
   * come back later.
   */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#sweep);
    const homes = [...this.#homes.values()];
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, graceMs);
    const winding = homes.map((home) => home.wind(CloseCode.restart, RESTARTS));
    await Promise.race([Promise.all(winding), late.promise]);
    clearTimeout(timer);
    for (const home of this.#homes.values()) {
      // Those that it was too late for.
      home.leave(CloseCode.restart, RESTARTS);
      home.unload();
    }
    this.#alarms.stop();
  }

  #ring(name: string): void {
    this.at(name)
      .use((resident) => resident.ring())
      .catch((error: unknown) => {
        console.error(`Holdfast: the alarm of ${name} failed; it rings again.`, error);
        this.#alarms.set(name, Date.now() + RETRY_MS);
      });
  }

  #unloadIdle(idleMs: number): void {
    for (const [name, home] of this.#homes) {
      if (home.isIdle(idleMs)) home.unload();
      if (home.isEmpty) this.#homes.delete(name);
    }
  }
}

const RETRY_MS = 10_000;
const RESTARTS = "The server restarts";
