import type { Limits } from "@holdfast/protocol";
import type { Connections } from "../connection/define-connection.ts";
import type { RoomDelivery, RoomMember } from "../connection/room-port.ts";
import { type RoomAnswer, RoomLink } from "../connection/room/room-link.ts";
import { Instance } from "../host/instance.ts";
import type { MovePort } from "../host/move/move.ts";
import { type ConnectionPlace, roomsPortOf } from "../host/rooms/rooms-port.ts";
import type { RoomsPort } from "../host/rooms/rooms.ts";
import type { Modules } from "../module/definition.ts";
import { connectionHome, parseConnectionHome, parseRoomHome, roomHome } from "./home-name.ts";
import type { Ground } from "./resident.ts";
import { movePort, type Places } from "./move-port.ts";
import { RoomResident } from "./room-resident.ts";

/** What all residents of a process are made of. */
export interface ResidentsParts {
  readonly modules: Modules;
  readonly connections: Connections;
  readonly limits: Limits;
  /** For actions. */
  readonly env: unknown;
}

/** The homes of a process, by name. */
export interface Neighbourhood extends Places {
  room(name: string): {
    use<Result>(work: (room: RoomResident) => Result | Promise<Result>): Promise<Result>;
  };
}

/**
 * Who lives in a process: instances of modules and of connections, and rooms. What is a call from one
 * Durable Object to another elsewhere is a call in the process here; and as there, what the caller has
 * written is durable before it is made, and what the other one wrote before it is answered.
 */
export class Residents {
  readonly #parts: ResidentsParts;
  readonly #around: Neighbourhood;

  constructor(parts: ResidentsParts, around: Neighbourhood) {
    this.#parts = parts;
    this.#around = around;
  }

  /** An instance, of a module or of a connection. */
  instance(ground: Ground): Instance {
    const { modules, connections, limits, env } = this.#parts;
    const { binding, instance } = parseConnectionHome(ground.name) ?? {};
    const port = (module: string): MovePort => movePort(this.#around, ground.name, module);
    if (binding === undefined || instance === undefined) {
      return new Instance({ ...ground, modules, limits, env, port });
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

  room(ground: Ground): RoomResident {
    const call = callsFrom(ground);
    return new RoomResident(ground, {
      name: parseRoomHome(ground.name),
      limits: this.#parts.limits,
      members: {
        deliver: (member, room, deliveries) => call(() => this.tell(member, room, deliveries)),
      },
    });
  }

  /** Takes deliveries of the server's own into a room: each is sent once. */
  deliver(room: string, deliveries: readonly RoomDelivery[]): Promise<RoomAnswer> {
    const home = this.#around.room(roomHome(room));
    return home.use((there) => there.deliver(deliveries, undefined));
  }

  /** Tells the instance of a connection what a room has for it, or somebody else without one. */
  tell(
    { connection, instance }: Pick<RoomMember, "connection" | "instance">,
    room: string | undefined,
    deliveries: readonly RoomDelivery[],
  ): Promise<"taken" | "gone"> {
    const home = this.#around.at(connectionHome(connection, instance));
    return home.use((there) => there.take(room, deliveries));
  }

  #roomsPort(place: ConnectionPlace, ground: Ground): RoomsPort {
    const call = callsFrom(ground);
    const ask = (name: string, work: (room: RoomResident) => RoomAnswer): Promise<RoomAnswer> =>
      call(() => this.#around.room(roomHome(name)).use(work));
    return roomsPortOf(place, {
      rooms: new RoomLink({
        join: (name, member) => ask(name, (room) => room.join(member)),
        leave: (name, member) => ask(name, (room) => room.leave(member)),
        deliver: (name, deliveries, repeat) =>
          ask(name, (room) => room.deliver(deliveries, repeat)),
      }),
      tell: (instance, deliveries) =>
        call(() => this.tell({ connection: place.binding, instance }, undefined, deliveries)),
    });
  }
}

/**
 * Calls of what lives there: each is made when all that it wrote is durable. What has ended makes none
 * any more, whatever its code still waits for: what it would tell of may be gone.
 */
function callsFrom({ platform }: Ground): <Answer>(call: () => Promise<Answer>) => Promise<Answer> {
  return async (call) => {
    await platform.durable?.();
    return call();
  };
}
