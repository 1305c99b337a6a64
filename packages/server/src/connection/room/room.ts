import { HoldfastError, type Limits } from "@holdfast/protocol";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { MemberPort, RoomDelivery, RoomMember } from "../room-port.ts";
import { FanOut } from "./fan-out.ts";
import { Membership } from "./membership.ts";
import type { RoomPlatform } from "./room-platform.ts";
import { type Repeat, Senders } from "./senders.ts";

/** What a room is made of. */
export interface RoomOptions {
  /** The room's name, as users know it. */
  readonly name: string;
  readonly sql: SqlPort;
  /** How its members are reached. */
  readonly members: MemberPort;
  readonly platform: RoomPlatform;
  readonly limits: Limits;
}

/** 72 random bits. */
const INCARNATION_CHARACTERS = 12;

/**
 * One room: who is in it, durably, and the way of an event to all of them. A delivery goes out at most
 * once; those of one sender arrive in its order, and everybody in the room hears all senders in one
 * order. What waits to be delivered is in memory only.
 */
export class Room {
  /** Names this memory of the room; after a restart there is another. */
  readonly incarnation: string;
  readonly #membership: Membership;
  readonly #fanOut: FanOut;
  readonly #senders: Senders;
  readonly #platform: RoomPlatform;

  /** @throws what the database throws */
  constructor({ name, sql, members, platform, limits }: RoomOptions) {
    this.incarnation = platform.token(INCARNATION_CHARACTERS);
    this.#platform = platform;
    this.#membership = new Membership(sql, limits.roomMembers);
    this.#senders = new Senders(limits.roomSenders);
    this.#fanOut = new FanOut({
      platform,
      limits,
      call: (listener, deliveries) => members.deliver(listener.member, name, deliveries),
      forget: (listener) => this.#membership.leave(listener.member),
    });
  }

  get size(): number {
    return this.#membership.size;
  }

  /** Nothing is being delivered, and nothing waits to be. */
  get isIdle(): boolean {
    return this.#fanOut.isIdle;
  }

  /** Resolves when nothing is being delivered; until then the room has to be kept in memory. */
  get idle(): Promise<void> {
    return this.#fanOut.idle;
  }

  /**
   * Takes a member in, durably; idempotent. It hears what is delivered from now on.
   *
   * @throws HoldfastError `ROOM_FULL` or `STORAGE_FAILED`
   */
  join(member: RoomMember): void {
    stored(() => this.#membership.join(member));
  }

  /**
   * Lets a member go, durably; idempotent. It is told nothing from now on.
   *
   * @throws HoldfastError `STORAGE_FAILED`
   */
  leave(member: RoomMember): void {
    stored(() => this.#membership.leave(member));
  }

  /**
   * Takes deliveries of one sender over; they arrive later. Those that were taken before are left out.
   *
   * @param repeat what of it was sent before, without an answer
   * @throws HoldfastError `BUSY`: too much waits. Those in front of the first that found no room are
   * taken; the call is to be repeated as it is
   */
  deliver(deliveries: readonly RoomDelivery[], repeat?: Repeat): void {
    try {
      this.#take(deliveries, repeat);
    } finally {
      this.#fanOut.proceed();
    }
  }

  /** How far a sender has come: the number of its last delivery that was taken, or given up. */
  reached(from: string): number {
    return this.#senders.last(from);
  }

  #take(deliveries: readonly RoomDelivery[], repeat: Repeat | undefined): void {
    const lost = repeat && repeat.incarnation !== this.incarnation ? repeat.upTo : 0;
    let isReported = false;
    for (const delivery of deliveries) {
      if (this.#senders.hasSeen(delivery)) continue;
      if (delivery.number > 0 && delivery.number <= lost) {
        // Another memory may have delivered it. Nothing arrives twice, so it must not go out again.
        if (!isReported) this.#platform.warn(MAY_BE_LOST);
        isReported = true;
      } else if (!this.#fanOut.post(delivery, this.#membership.all())) {
        throw new HoldfastError(
          "BUSY",
          "The room has more to deliver than it may hold. Send less, or send it again later.",
        );
      }
      this.#senders.see(delivery);
    }
  }
}

const MAY_BE_LOST =
  "A room restarted while it took events over; whether they were delivered is not known, and they are not sent again.";

/** @throws HoldfastError what `work` throws, or `STORAGE_FAILED` */
function stored(work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    throw new HoldfastError(
      "STORAGE_FAILED",
      "Who is in the room could not be stored; nothing was changed. Try again.",
      { cause },
    );
  }
}
