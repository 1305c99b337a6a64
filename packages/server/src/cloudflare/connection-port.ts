import { parseConnectionKey, connectionKey } from "../connection/connection-key.ts";
import type { RoomDelivery } from "../connection/room-port.ts";
import type { ConnectionPlace } from "../host/instance.ts";
import type { RoomsPort } from "../host/rooms/rooms.ts";
import { instanceName } from "../module/instance-name.ts";
import { namespaceOf, type Objects } from "./objects.ts";
import { roomPort } from "./rooms.ts";

/** What the instance of a connection is given of other objects. */
export function connectionPort(
  { binding, module, key }: ConnectionPlace,
  env: unknown,
  context: object,
): RoomsPort {
  const owner = parseConnectionKey(key);
  const tellUser = async (user: string, deliveries: readonly RoomDelivery[]): Promise<void> => {
    const name = instanceName(module, connectionKey({ type: "user", user }));
    const objects = connectionObjectsOf(binding, env, context);
    await objects.getByName(name).holdfastEvents(undefined, deliveries);
  };
  return {
    rooms: roomPort(env, context),
    member: {
      connection: binding,
      instance: instanceName(module, key),
      user: owner?.user ?? "",
    },
    tellUser: owner?.type === "user" ? tellUser : undefined,
  };
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
