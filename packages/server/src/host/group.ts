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

/** Whoever has acted so short a time ago may be about to act again. */
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
 *   crowded ──all who act are here, or pauses bring no more──▶ all that came, in order, in one event
 */
export class Group {
  readonly #parts: GroupParts;
  /** When each of those acted who have done so of late. */
  readonly #acting = new Map<Connection, number>();
  #waiting: Arrival[] = [];
  /** Whose frames wait. */
  readonly #here = new Set<Connection>();
  #actions = 0;
  #characters = 0;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  /** Has a frame handled, now or with those that come right behind it. */
  arrived(arrival: Arrival): void {
    const { platform, mayWait, handle } = this.#parts;
    const isAlone = this.#isAlone(arrival);
    const isLast = hasAnswers(arrival);
    const isFirst = this.#waiting.length === 0;
    if (isFirst && ((isAlone && isLast) || !platform.pause || !mayWait())) {
      handle([arrival]);
      return;
    }
    this.#waiting.push(arrival);
    this.#here.add(arrival.connection);
    this.#actions += arrival.actions.length;
    this.#characters += arrival.length;
    const isFull = this.#actions >= MOST_ACTIONS || this.#characters >= MOST_CHARACTERS;
    if (isFull || (isLast && this.#here.size === this.#acting.size)) this.close();
    else if (isFirst) void this.#gather(this.#waiting);
  }

  /** Handles what waits, where a frame of this connection does: what comes next is behind that. */
  closeFor(connection: Connection): void {
    this.#acting.delete(connection);
    if (this.#here.has(connection)) this.close();
  }

  /** Handles what waits. */
  close(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#here.clear();
    this.#actions = 0;
    this.#characters = 0;
    const { isHere, handle } = this.#parts;
    handle(waiting.filter(({ connection }) => isHere(connection)));
  }

  /** Whether nobody else has acted of late. */
  #isAlone({ connection, at }: Arrival): boolean {
    const acting = this.#acting;
    acting.set(connection, at);
    if (acting.size === 1) return true;
    for (const [one, last] of acting) {
      if (at - last > CROWDED_MS && !this.#here.has(one)) acting.delete(one);
    }
    return acting.size === 1;
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

/** Whether its client had the answers to all before it: no more of it is on its way. */
function hasAnswers({ actions: [first] }: Arrival): boolean {
  return first === undefined || first.seq <= first.settled + 1;
}
