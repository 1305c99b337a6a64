import type { ActionMessage, PatchMessage } from "@holdfast/protocol";
import type { Connection } from "./connection.ts";
import type { Platform } from "./platform.ts";

/** The actions of one frame, and whom they came from. */
export interface Arrival {
  readonly connection: Connection;
  readonly actions: readonly (ActionMessage | PatchMessage)[];
  /** Characters of the frame. */
  readonly length: number;
  /** When it came. */
  readonly at: number;
}

/** What a group needs of its host. */
export interface GroupParts {
  readonly platform: Pick<Platform, "pause">;
  /** Whether there is one durable write to be shared now. */
  readonly mayWait: () => boolean;
  /** False for a connection that was cut off since its frame came. */
  readonly isHere: (connection: Connection) => boolean;
  /** Takes frames in, in their order. */
  readonly handle: (arrivals: readonly Arrival[]) => void;
}

/** Somebody else has acted so short a time ago: others may be about to. */
const CROWDED_MS = 10;
/**
 * So many pauses one behind the other bring nothing: all that has arrived is here. One is not enough:
 * workerd hands over the frames of one socket at every other turn.
 */
const QUIET_PAUSES = 2;
/** A group is no larger: what waits is bounded, and so is the event that handles it. */
const MOST_ACTIONS = 256;
const MOST_CHARACTERS = 1_000_000;

/**
 * Group commit. Frames that arrive close together are handled together, so that their actions share
 * one durable write, and everybody is told of them in one frame. Who acts alone never waits: there is
 * a group only where a frame comes right behind somebody else's, or of a client that has not waited
 * for the answer to its last one. Whatever waits is in memory only, and nobody was told of it: should
 * that be lost, its clients send it again.
 *
 *   alone ──handled at once──▶ alone
 *   crowded ──pause, while frames keep coming──▶ all that came, in order, in one event
 */
export class Group {
  readonly #parts: GroupParts;
  #waiting: Arrival[] = [];
  #actions = 0;
  #characters = 0;
  /** Who was the last to act, and when. */
  #last: Connection | undefined;
  #lastAt = 0;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  /** Has a frame handled, now or with those that come right behind it. */
  arrived(arrival: Arrival): void {
    const isFirst = this.#waiting.length === 0;
    const isCrowded = this.#isCrowded(arrival);
    if (isFirst && !(isCrowded && this.#parts.platform.pause && this.#parts.mayWait())) {
      this.#parts.handle([arrival]);
      return;
    }
    this.#waiting.push(arrival);
    this.#actions += arrival.actions.length;
    this.#characters += arrival.length;
    if (this.#actions >= MOST_ACTIONS || this.#characters >= MOST_CHARACTERS) this.close();
    else if (isFirst) void this.#gather(this.#waiting);
  }

  /** Handles what waits, where a frame of this connection does: what comes next is behind that. */
  closeFor(connection: Connection): void {
    if (this.#waiting.some((one) => one.connection === connection)) this.close();
  }

  /** Handles what waits. */
  close(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#actions = 0;
    this.#characters = 0;
    const { isHere, handle } = this.#parts;
    handle(waiting.filter(({ connection }) => isHere(connection)));
  }

  /** Whether others are to be expected right behind this one. */
  #isCrowded({ connection, actions: [first], at }: Arrival): boolean {
    const isOther = connection !== this.#last && this.#last !== undefined;
    const isClose = at - this.#lastAt <= CROWDED_MS;
    this.#last = connection;
    this.#lastAt = at;
    return (isOther && isClose) || (first !== undefined && first.seq > first.settled + 1);
  }

  /** Waits until no more frames come; a group that was closed meanwhile is nobody's to wait for. */
  async #gather(group: readonly Arrival[]): Promise<void> {
    for (let known = 1, quiet = 0; quiet < QUIET_PAUSES; known = group.length) {
      // One that fails is over as well: what follows it finds out why.
      await this.#parts.platform.pause?.().catch(() => undefined);
      if (this.#waiting !== group) return;
      quiet = group.length === known ? quiet + 1 : 0;
    }
    this.close();
  }
}
