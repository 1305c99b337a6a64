import { HoldfastError } from "@holdfast/protocol";
import type { RoomDelivery, RoomMember } from "../room-port.ts";
import type { RoomAnswer } from "./room-link.ts";
import { Room, type RoomOptions } from "./room.ts";
import type { Repeat } from "./senders.ts";

/** What an operator sees of a room. Plain data. */
export interface RoomReport {
  readonly room: string;
  /** Connections' instances: users, whatever the number of their pages. */
  readonly members: number;
  /** Events are on their way to members. */
  readonly isDelivering: boolean;
}

/**
 * One room as its platform holds it, a Durable Object or a Node process: opened when somebody needs it,
 * and what goes wrong is part of its answer, for of an error platforms pass on too little, or too much.
 */
export class HeldRoom {
  readonly #options: RoomOptions;
  #room: Room | undefined;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is being delivered; until then the room has to be kept in memory. */
  get running(): Promise<void> | undefined {
    return this.#room?.isIdle === false ? this.#room.idle : undefined;
  }

  /** @throws what the database throws */
  inspect(): RoomReport {
    const { size } = (this.#room ??= new Room(this.#options));
    return { room: this.#options.name, members: size, isDelivering: this.running !== undefined };
  }

  join(member: RoomMember): RoomAnswer {
    return this.#answer((room) => room.join(member));
  }

  leave(member: RoomMember): RoomAnswer {
    return this.#answer((room) => room.leave(member));
  }

  deliver(deliveries: readonly RoomDelivery[], repeat: Repeat | undefined): RoomAnswer {
    const answer = this.#answer((room) => room.deliver(deliveries, repeat));
    return { ...answer, reached: this.#room?.reached(deliveries[0]?.from ?? "") };
  }

  #answer(work: (room: Room) => void): RoomAnswer {
    try {
      const room = (this.#room ??= new Room(this.#options));
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
    const { platform } = this.#options;
    if (error instanceof HoldfastError) {
      if (error.cause !== undefined) platform.report(error.cause, "A room could not be changed");
      return { code: error.code, message: error.message };
    }
    platform.report(error, "A room failed");
    return {
      code: "STORAGE_FAILED",
      message: "The room cannot be read. The server's log says why.",
    };
  }
}
