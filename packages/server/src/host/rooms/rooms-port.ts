import { connectionKey, parseConnectionKey } from "../../connection/connection-key.ts";
import type { RoomDelivery, RoomPort } from "../../connection/room-port.ts";
import type { ConnectionTraits } from "../../module/connection-engine.ts";
import { instanceName } from "../../module/instance-name.ts";
import type { RoomsPort } from "./rooms.ts";

/** Which instance of which connection. */
export interface ConnectionPlace extends ConnectionTraits {
  readonly module: string;
  readonly key: string;
}

/** How an instance of a connection reaches the other objects. */
export interface OtherObjects {
  readonly rooms: RoomPort;
  /** Tells an instance of the same connection. */
  readonly tell: (instance: string, deliveries: readonly RoomDelivery[]) => Promise<unknown>;
}

/** What an instance of a connection needs of the other objects, as its platform reaches them. */
export function roomsPortOf(
  { binding, module, key }: ConnectionPlace,
  { rooms, tell }: OtherObjects,
): RoomsPort {
  const owner = parseConnectionKey(key);
  const tellUser = async (user: string, deliveries: readonly RoomDelivery[]): Promise<void> => {
    await tell(instanceName(module, connectionKey({ type: "user", user })), deliveries);
  };
  return {
    rooms,
    member: {
      connection: binding,
      instance: instanceName(module, key),
      user: owner?.user ?? "",
    },
    tellUser: owner?.type === "user" ? tellUser : undefined,
  };
}
