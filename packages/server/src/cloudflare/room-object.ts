import { HoldfastError, type Limits } from "@holdfast/protocol";
import { DurableObject } from "cloudflare:workers";
import type { RoomDelivery, RoomMember } from "../connection/room-port.ts";
import type { RoomAnswer } from "../connection/room/room-link.ts";
import type { RoomPlatform } from "../connection/room/room-platform.ts";
import { Room } from "../connection/room/room.ts";
import type { Repeat } from "../connection/room/senders.ts";
import { memberPort, type RoomObjectInstance, roomObjectsOf } from "./rooms.ts";
import { durableObjectPort } from "./sql-port.ts";
import { WORKER_PLATFORM } from "./worker-platform.ts";

/** The class that `export const RoomObject` gives to the platform. */
export type RoomObjectClass = new (state: DurableObjectState, env: unknown) => RoomObjectInstance;

/** The one Durable Object class of all rooms, an object for each. */
export function createRoomObject(limits: Limits): RoomObjectClass {
  return class RoomObject extends DurableObject implements RoomObjectInstance {
    #room: Room | undefined;

    constructor(state: DurableObjectState, env: unknown) {
      super(state, env as Cloudflare.Env);
    }

    async holdfastJoin(member: RoomMember): Promise<RoomAnswer> {
      return this.#answer((room) => room.join(member));
    }

    async holdfastLeave(member: RoomMember): Promise<RoomAnswer> {
      return this.#answer((room) => room.leave(member));
    }

    async holdfastDeliver(
      deliveries: readonly RoomDelivery[],
      repeat: Repeat | undefined,
    ): Promise<RoomAnswer> {
      const answer = this.#answer((room) => room.deliver(deliveries, repeat));
      // For the platform's sake: what is on its way to members is in memory.
      if (this.#room) this.ctx.waitUntil(this.#room.idle);
      return { ...answer, reached: this.#room?.reached(deliveries[0]?.from ?? "") };
    }

    async holdfastNextEvent(): Promise<void> {}

    /** What goes wrong crosses as data: of an error, the platform passes on too little, or too much. */
    #answer(work: (room: Room) => void): RoomAnswer {
      try {
        const room = (this.#room ??= this.#open());
        try {
          work(room);
          return { incarnation: room.incarnation };
        } catch (error) {
          return { incarnation: room.incarnation, error: this.#told(error) };
        }
      } catch (error) {
        return { incarnation: "", error: this.#told(error) };
      }
    }

    #told(error: unknown): { code: HoldfastError["code"]; message: string } {
      if (error instanceof HoldfastError) {
        if (error.cause !== undefined)
          this.#platform.report(error.cause, "A room could not be changed");
        return { code: error.code, message: error.message };
      }
      this.#platform.report(error, "A room failed");
      return {
        code: "STORAGE_FAILED",
        message: "The room cannot be read. The server's log says why.",
      };
    }

    #open(): Room {
      return new Room({
        name: this.#name,
        sql: durableObjectPort(this.ctx.storage),
        members: memberPort(this.env, this.ctx),
        platform: this.#platform,
        limits,
      });
    }

    get #name(): string {
      return this.ctx.id.name ?? "";
    }

    get #platform(): RoomPlatform {
      return {
        ...WORKER_PLATFORM,
        // A call of its own object is an event, and has an event's allowance.
        nextEvent: async () =>
          roomObjectsOf(this.env, this.ctx).getByName(this.#name).holdfastNextEvent(),
      };
    }
  };
}
