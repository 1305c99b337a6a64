import type { Limits } from "@holdfast/protocol";
import { DurableObject } from "cloudflare:workers";
import type { RoomDelivery, RoomMember } from "../connection/room-port.ts";
import { HeldRoom, type RoomReport } from "../connection/room/held-room.ts";
import type { RoomAnswer } from "../connection/room/room-link.ts";
import type { Repeat } from "../connection/room/senders.ts";
import { memberPort, type RoomObjectInstance, roomObjectsOf } from "./rooms.ts";
import { durableObjectPort } from "./sql-port.ts";
import { WORKER_PLATFORM } from "./worker-platform.ts";

/** The class that `export const RoomObject` gives to the platform. */
export type RoomObjectClass = new (state: DurableObjectState, env: unknown) => RoomObjectInstance;

/** The one Durable Object class of all rooms, an object for each. */
export function createRoomObject(limits: Limits): RoomObjectClass {
  return class RoomObject extends DurableObject implements RoomObjectInstance {
    readonly #room: HeldRoom;

    constructor(state: DurableObjectState, env: unknown) {
      super(state, env as Cloudflare.Env);
      const name = state.id.name ?? "";
      this.#room = new HeldRoom({
        name,
        sql: durableObjectPort(state.storage),
        members: memberPort(env, state),
        platform: {
          ...WORKER_PLATFORM,
          // A call of its own object is an event, and has an event's allowance.
          nextEvent: async () => roomObjectsOf(env, state).getByName(name).holdfastNextEvent(),
        },
        limits,
      });
    }

    async holdfastJoin(member: RoomMember): Promise<RoomAnswer> {
      return this.#room.join(member);
    }

    async holdfastLeave(member: RoomMember): Promise<RoomAnswer> {
      return this.#room.leave(member);
    }

    async holdfastDeliver(
      deliveries: readonly RoomDelivery[],
      repeat: Repeat | undefined,
    ): Promise<RoomAnswer> {
      const answer = this.#room.deliver(deliveries, repeat);
      // For the platform's sake: what is on its way to members is in memory.
      const { running } = this.#room;
      if (running) this.ctx.waitUntil(running);
      return answer;
    }

    async holdfastInspect(): Promise<RoomReport> {
      return this.#room.inspect();
    }

    async holdfastNextEvent(): Promise<void> {}
  };
}
