import { CloseCode } from "@holdfast/protocol";
import type { Instance } from "../host/instance.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Home } from "./home.ts";
import { Homes } from "./homes.ts";
import { Residents, type ResidentsParts } from "./residents.ts";
import type { RoomResident } from "./room-resident.ts";

/** What the objects of a process are made of. */
export interface ObjectsOptions extends ResidentsParts {
  readonly folder: DataFolder;
  /** What nobody has needed for so long leaves memory. */
  readonly idleMs: number;
}

/** All that lives in a process, at home in one folder. */
export class Objects {
  readonly residents: Residents;
  readonly #alarms: AlarmClock;
  readonly #instances: Homes<Instance>;
  readonly #rooms: Homes<RoomResident>;

  constructor({ folder, idleMs, ...parts }: ObjectsOptions) {
    const residents = new Residents(parts, this);
    this.residents = residents;
    this.#alarms = new AlarmClock(folder.index, Date.now, (name) => this.#instances.ring(name));
    const common = { folder, idleMs, limits: parts.limits, alarms: this.#alarms };
    this.#instances = new Homes({ ...common, begin: (ground) => residents.instance(ground) });
    this.#rooms = new Homes({ ...common, begin: (ground) => residents.room(ground) });
  }

  /** Begins to ring alarms, those that became due while nobody looked first. */
  start(): void {
    this.#alarms.start();
  }

  /** The home of an instance: `instanceName` for a module's, `connectionHome` for a connection's. */
  at(name: string): Home<Instance> {
    return this.#instances.at(name);
  }

  /** The home of a room, by `roomHome`. */
  room(name: string): Home<RoomResident> {
    return this.#rooms.at(name);
  }

  /**
   * Takes nothing in any more, lets end what is under way and be delivered what was emitted, at most
   * for `graceMs`, and has every client come back later.
   */
  async close(graceMs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, graceMs);
    await Promise.race([this.#wind(), late.promise]);
    clearTimeout(timer);
    for (const homes of [this.#instances, this.#rooms]) homes.close(CloseCode.restart, RESTARTS);
    this.#alarms.stop();
  }

  async #wind(): Promise<void> {
    await this.#instances.rest();
    await this.#rooms.rest();
    await this.#instances.wind(CloseCode.restart, RESTARTS);
  }
}

const RESTARTS = "The server restarts";
