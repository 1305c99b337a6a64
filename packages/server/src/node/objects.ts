import { CloseCode, type Limits } from "@holdfast/protocol";
import type { Connections } from "../connection/define-connection.ts";
import type { RoomDelivery, RoomMember } from "../connection/room-port.ts";
import { type RoomAnswer, RoomLink } from "../connection/room/room-link.ts";
import { Instance } from "../host/instance.ts";
import type { MovePort } from "../host/move/move.ts";
import { type ConnectionPlace, roomsPortOf } from "../host/rooms/rooms-port.ts";
import type { RoomsPort } from "../host/rooms/rooms.ts";
import type { Modules } from "../module/definition.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { DataFolder } from "./data-folder.ts";
import { connectionHome, parseConnectionHome, parseRoomHome, roomHome } from "./home-name.ts";
import type { Ground, Home } from "./home.ts";
import { Homes } from "./homes.ts";
import { movePort } from "./move-port.ts";
import { RoomResident } from "./room-resident.ts";

/** What all that lives in a process is made of. */
export interface ObjectsOptions {
  readonly modules: Modules;
  readonly connections: Connections;
  readonly folder: DataFolder;
  readonly limits: Limits;
  /** For actions. */
  readonly env: unknown;
  /** What nobody has needed for so long leaves memory. */
  readonly idleMs: number;
}

/**
 * All that lives in a process: instances of modules and of connections, and rooms. What is a call from
 * one Durable Object to another elsewhere is a call in the process here; and as there, what the caller
 * has written is durable before it is made, and what the other one wrote before it is answered.
 */
export class Objects {
  readonly #options: ObjectsOptions;
  readonly #alarms: AlarmClock;
  readonly #instances: Homes<Instance>;
  readonly #rooms: Homes<RoomResident>;

  constructor(options: ObjectsOptions) {
    this.#options = options;
    const { folder, limits, idleMs } = options;
    this.#alarms = new AlarmClock(folder.index, Date.now, (name) => this.#instances.ring(name));
    const parts = { folder, limits, idleMs, alarms: this.#alarms };
    this.#instances = new Homes({ ...parts, begin: (ground) => this.#instance(ground) });
    this.#rooms = new Homes({ ...parts, begin: (ground) => this.#room(ground) });
  }

  /** Begins to ring alarms, those that became due while nobody looked first. */
  start(): void {
    this.#alarms.start();
  }

  /** The home of an instance, by `instanceName` for a module's and `connectionHome` for a connection's. */
  at(name: string): Home<Instance> {
    return this.#instances.at(name);
  }

  /** Takes deliveries of the server's own into a room: each is sent once. */
  deliver(room: string, deliveries: readonly RoomDelivery[]): Promise<RoomAnswer> {
    return this.#rooms.at(roomHome(room)).use((there) => there.deliver(deliveries, undefined));
  }

  /** Tells the instance of a connection what a room has for it; or somebody else, where there is none. */
  tell(
    { connection, instance }: Pick<RoomMember, "connection" | "instance">,
    room: string | undefined,
    deliveries: readonly RoomDelivery[],
  ): Promise<"taken" | "gone"> {
    const home = this.at(connectionHome(connection, instance));
    return home.use((there) => there.take(room, deliveries));
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

  #instance(ground: Ground): Instance {
    const { modules, connections, limits, env } = this.#options;
    const { binding, instance } = parseConnectionHome(ground.name) ?? {};
    const port = (module: string): MovePort => movePort(this, ground.name, module);
    if (binding === undefined || instance === undefined) {
      return new Instance({ modules, limits, env, port, ...ground });
    }
    const own = Object.values(connections).find((one) => one.connectionBinding === binding);
    return new Instance({
      ...ground,
      name: instance,
      // Where the app has it no longer, it says so like a module.
      modules: own ? { [own.name]: own.module } : {},
      limits,
      env,
      port,
      rooms: (place) => this.#roomsPort(place, ground),
    });
  }

  #roomsPort(place: ConnectionPlace, ground: Ground): RoomsPort {
    const call = callsFrom(ground);
    const room = (name: string): Home<RoomResident> => this.#rooms.at(roomHome(name));
    return roomsPortOf(place, {
      rooms: new RoomLink({
        join: (name, member) => call(() => room(name).use((there) => there.join(member))),
        leave: (name, member) => call(() => room(name).use((there) => there.leave(member))),
        deliver: (name, deliveries, repeat) =>
          call(() => room(name).use((there) => there.deliver(deliveries, repeat))),
      }),
      tell: (instance, deliveries) =>
        call(() => this.tell({ connection: place.binding, instance }, undefined, deliveries)),
    });
  }

  #room(ground: Ground): RoomResident {
    const call = callsFrom(ground);
    return new RoomResident(ground, {
      name: parseRoomHome(ground.name),
      limits: this.#options.limits,
      members: {
        deliver: (member, room, deliveries) =>
          call(() => this.tell(member, room, deliveries)),
      },
    });
  }
}

/**
 * Calls of what lives there: each is made when all that it wrote is durable. One that has ended makes
 * none any more, whatever its code still waits for: what it would tell of may be gone.
 */
function callsFrom({ platform }: Ground): <Answer>(call: () => Promise<Answer>) => Promise<Answer> {
  return async (call) => {
    await platform.durable?.();
    return call();
  };
}

const RESTARTS = "The server restarts";
