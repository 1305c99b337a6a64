import type { DurableObject } from "cloudflare:workers";
import type { MemberPort, RoomDelivery, RoomMember, RoomPort } from "../connection/room-port.ts";
import type { RoomReport } from "../connection/room/held-room.ts";
import { type RoomAnswer, RoomLink } from "../connection/room/room-link.ts";
import type { Repeat } from "../connection/room/senders.ts";
import { namespaceOf } from "./objects.ts";

/** What connections call on a room. */
export interface RoomObjectInstance extends DurableObject {
  holdfastJoin(member: RoomMember): Promise<RoomAnswer>;
  holdfastLeave(member: RoomMember): Promise<RoomAnswer>;
  holdfastDeliver(
    deliveries: readonly RoomDelivery[],
    repeat: Repeat | undefined,
  ): Promise<RoomAnswer>;
  holdfastInspect(): Promise<RoomReport>;
  /** Called by the room itself. */
  holdfastNextEvent(): Promise<void>;
}

/** What a room calls on a connection's object. */
export interface RoomListener {
  /** See `MemberPort`. */
  holdfastEvents(room: string, deliveries: readonly RoomDelivery[]): Promise<"taken" | "gone">;
}

type RoomObjects = DurableObjectNamespace<RoomObjectInstance & Rpc.DurableObjectBranded>;

/**
 * The namespace of `RoomObject`: a binding of that name, or the class that the Worker exports.
 *
 * @throws HoldfastError `DEFINITION_INVALID`
 */
export function roomObjectsOf(env: unknown, context: object): RoomObjects {
  // What is bound under that name is Holdfast's class.
  return namespaceOf(
    { name: "RoomObject", source: "holdfast.RoomObject" },
    env,
    context,
  ) as RoomObjects;
}

/** The rooms, for one connection's object; to be made once in its memory. */
export function roomPort(env: unknown, context: object): RoomPort {
  const room = (name: string): ReturnType<RoomObjects["getByName"]> =>
    roomObjectsOf(env, context).getByName(name);
  return new RoomLink({
    // What comes back is plain data: the platform's own type of it says less.
    join: (name, member) => room(name).holdfastJoin(member) as Promise<RoomAnswer>,
    leave: (name, member) => room(name).holdfastLeave(member) as Promise<RoomAnswer>,
    deliver: (name, deliveries, repeat) =>
      room(name).holdfastDeliver(deliveries, repeat) as Promise<RoomAnswer>,
  });
}

/** Deliveries of the server's own: each is sent once. */
export function deliverTo(
  env: unknown,
  context: object,
): (room: string, deliveries: readonly RoomDelivery[]) => Promise<RoomAnswer> {
  // What comes back is plain data: the platform's own type of it says less.
  return (room, deliveries) =>
    roomObjectsOf(env, context)
      .getByName(room)
      .holdfastDeliver(deliveries, undefined) as Promise<RoomAnswer>;
}

/** The members of a room: objects of the classes that they name. */
export function memberPort(env: unknown, context: object): MemberPort {
  return {
    deliver: async ({ connection, instance }, room, deliveries) => {
      const source = { name: connection, source: "createConnectionHandler(…)" };
      // A member names the class that it is of.
      const objects = namespaceOf(source, env, context) as {
        getByName(name: string): RoomListener;
      };
      return objects.getByName(instance).holdfastEvents(room, deliveries);
    },
  };
}
