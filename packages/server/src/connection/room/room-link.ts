import { HoldfastError, type WireError } from "@holdfast/protocol";
import type { RoomDelivery, RoomMember, RoomPort } from "../room-port.ts";
import type { Repeat } from "./senders.ts";

/** A room's answer, behind what it stored. */
export interface RoomAnswer {
  /** See `Room`. */
  readonly incarnation: string;
  /** Why not all of it was done. */
  readonly error?: WireError | undefined;
  /** How far the sender has come; behind `deliver`. */
  readonly reached?: number | undefined;
}

/** Calls of rooms, each an object of its own. They reject where no answer came. */
export interface RoomCalls {
  join(room: string, member: RoomMember): Promise<RoomAnswer>;
  leave(room: string, member: RoomMember): Promise<RoomAnswer>;
  deliver(
    room: string,
    deliveries: readonly RoomDelivery[],
    repeat: Repeat | undefined,
  ): Promise<RoomAnswer>;
}

/** Rooms whose state of affairs a sender remembers. */
const MOST_ROOMS = 1_000;

/**
 * The rooms, for one instance. It remembers what it has sent without an answer, so that a room that
 * restarted meanwhile does not deliver it again.
 */
export class RoomLink implements RoomPort {
  readonly #calls: RoomCalls;
  /** The room that was called last stands last. */
  readonly #rooms = new Map<string, Repeat>();

  constructor(calls: RoomCalls) {
    this.#calls = calls;
  }

  async join(room: string, member: RoomMember): Promise<void> {
    this.#learn(room, await this.#calls.join(room, member));
  }

  async leave(room: string, member: RoomMember): Promise<void> {
    this.#learn(room, await this.#calls.leave(room, member));
  }

  async deliver(room: string, deliveries: readonly RoomDelivery[]): Promise<void> {
    const [first] = deliveries;
    const highest = deliveries.at(-1)?.number;
    if (!first || highest === undefined) return;
    const before = this.#rooms.get(room) ?? UNKNOWN;
    const repeat = first.number <= before.upTo ? before : undefined;
    this.#remember(room, { ...before, upTo: Math.max(before.upTo, highest) });
    let answer: RoomAnswer;
    try {
      answer = await this.#calls.deliver(room, deliveries, repeat);
    } catch (error) {
      // The platform marks what it has not even delivered.
      if ((error as { overloaded?: unknown } | undefined)?.overloaded === true) {
        this.#remember(room, before);
      }
      throw error;
    }
    this.#remember(room, { incarnation: answer.incarnation, upTo: answer.reached ?? highest });
    throwError(answer);
  }

  /** What was sent without an answer stays as doubtful as it was, unless the room is the same. */
  #learn(room: string, answer: RoomAnswer): void {
    const before = this.#rooms.get(room) ?? UNKNOWN;
    if (before.upTo === 0) this.#remember(room, { ...before, incarnation: answer.incarnation });
    throwError(answer);
  }

  #remember(room: string, known: Repeat): void {
    this.#rooms.delete(room);
    this.#rooms.set(room, known);
    if (this.#rooms.size <= MOST_ROOMS) return;
    for (const oldest of this.#rooms.keys()) {
      this.#rooms.delete(oldest);
      return;
    }
  }
}

const UNKNOWN: Repeat = { upTo: 0, incarnation: "" };

function throwError({ error }: RoomAnswer): void {
  if (error) throw new HoldfastError(error.code, error.message);
}
