import { type ConnectionPlace, roomsPortOf } from "../host/rooms/rooms-port.ts";
import type { RoomsPort } from "../host/rooms/rooms.ts";
import { namespaceOf, type Objects } from "./objects.ts";
import { roomPort } from "./rooms.ts";

/** What the instance of a connection is given of other objects. */
export function connectionPort(place: ConnectionPlace, env: unknown, context: object): RoomsPort {
  return roomsPortOf(place, {
    rooms: roomPort(env, context),
    tell: async (instance, deliveries) =>
      connectionObjectsOf(place.binding, env, context)
        .getByName(instance)
        .holdfastEvents(undefined, deliveries),
  });
}

/**
 * The namespace of a connection's class.
 *
 * @throws HoldfastError `DEFINITION_INVALID`
 */
export function connectionObjectsOf(binding: string, env: unknown, context: object): Objects {
  const source = "createConnectionHandler(connection)";
  // What is bound under that name is Holdfast's class.
  return namespaceOf({ name: binding, source }, env, context) as Objects;
}
