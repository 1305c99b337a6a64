import { HoldfastError, type Limits } from "@holdfast/protocol";
import { connectionKey } from "../../connection/connection-key.ts";
import type { ConnectionDefinition, Connections } from "../../connection/define-connection.ts";
import type { RoomDelivery } from "../../connection/room-port.ts";
import type { RoomAnswer } from "../../connection/room/room-link.ts";
import type { ServerEmitter, ServerTarget } from "../../connection/server-emitter.ts";
import type { EventTarget } from "../../module/connection-engine.ts";
import { instanceName } from "../../module/instance-name.ts";
import { Effects } from "../effects.ts";
import { checkRoom, refuseUser } from "./check-target.ts";

/** What code of the server emits with. */
export interface ServerEmitParts {
  readonly connections: Connections;
  readonly limits: Limits;
  /** `authenticate` is set: ids of users are worth something. */
  readonly knowsUsers: boolean;
  readonly deliver: (room: string, deliveries: readonly RoomDelivery[]) => Promise<RoomAnswer>;
  /** Tells an instance of the connection that `binding` names. */
  readonly tell: (
    binding: string,
    instance: string,
    deliveries: readonly RoomDelivery[],
  ) => Promise<unknown>;
}

type AnyEvents = Record<string, unknown>;

/** @throws HoldfastError `UNKNOWN_MODULE` */
export function serverEmitter(name: string, parts: ServerEmitParts): ServerEmitter<AnyEvents> {
  const connection = Object.hasOwn(parts.connections, name) ? parts.connections[name] : undefined;
  if (!connection) {
    throw new HoldfastError(
      "UNKNOWN_MODULE",
      `There is no connection "${name}". Add it to \`connections\`, or correct the name.`,
    );
  }
  return {
    toRoom: (room) => target({ type: "room", room }, [], connection, parts),
    toUser: (user) => target({ type: "user", user }, [], connection, parts),
  };
}

function target(
  to: Exclude<EventTarget, { type: "own" }>,
  except: readonly string[],
  connection: ConnectionDefinition,
  parts: ServerEmitParts,
): ServerTarget<AnyEvents> {
  return {
    except: (...who) => target(to, [...except, ...who], connection, parts),
    async emit(event, data?: unknown) {
      const { limits, knowsUsers, deliver, tell } = parts;
      if (to.type === "room") checkRoom(to.room, limits);
      else if (!knowsUsers) refuseUser();
      const text = new Effects(limits).encode(event, data);
      const deliveries: readonly RoomDelivery[] = [{ from: "", number: 0, text, except }];
      if (to.type === "room") {
        const { error } = (await reached(() => deliver(to.room, deliveries))) ?? {};
        if (error) throw new HoldfastError(error.code, error.message);
      } else {
        const key = connectionKey({ type: "user", user: to.user });
        const instance = instanceName(connection.name, key);
        await reached(() => tell(connection.connectionBinding, instance, deliveries));
      }
    },
  };
}

/** It is not repeated: somebody may have heard it, and nothing arrives twice. */
async function reached<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (cause) {
    // The platform marks what it has not even delivered.
    if ((cause as { overloaded?: unknown } | undefined)?.overloaded === true) {
      throw new HoldfastError("BUSY", "The event reached nobody: its way is overloaded.", {
        cause,
      });
    }
    throw new HoldfastError(
      "OUTCOME_UNKNOWN",
      "The room or the user stopped before it answered, so the event may have arrived or not.",
      { cause },
    );
  }
}
