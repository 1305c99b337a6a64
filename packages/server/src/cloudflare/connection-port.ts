import { parseConnectionKey, connectionKey } from "../connection/connection-key.ts";
import type { RoomDelivery } from "../connection/room-port.ts";
import type { RoomsPort } from "../host/rooms/rooms.ts";
import type { ConnectionTraits } from "../module/connection-engine.ts";
import { instanceName } from "../module/instance-name.ts";
import { objectsOf } from "./objects.ts";

/** What the instance of a connection is given of other objects. */
export function connectionPort(
  { binding }: ConnectionTraits,
  instance: { readonly module: string; readonly key: string },
  env: unknown,
  context: object,
): RoomsPort {
  const owner = parseConnectionKey(instance.key);
  const tellUser = async (user: string, deliveries: readonly RoomDelivery[]): Promise<void> => {
    const name = instanceName(instance.module, connectionKey({ type: "user", user }));
    await objectsOf(env, context, binding).getByName(name).holdfastDeliver(undefined, deliveries);
  };
  return {
    rooms: roomPort(env, context),
    member: {
      connection: binding,
      instance: instanceName(instance.module, instance.key),
      user: owner?.user ?? "",
    },
    tellUser: owner?.type === "user" ? tellUser : undefined,
  };
}
