import type { Limits } from "@holdfast/protocol";
import type { RoomDelivery } from "../room-port.ts";
import type { Listener, Posted } from "./listener.ts";
import type { RoomPlatform } from "./room-platform.ts";

/** What a fan-out works with. */
export interface FanOutParts {
  readonly platform: RoomPlatform;
  readonly limits: Limits;
  /** Tells a listener; rejects where it is not known whether it has heard, `overloaded` where it has not. */
  readonly call: (
    listener: Listener,
    deliveries: readonly RoomDelivery[],
  ) => Promise<"taken" | "gone">;
  /** The listener is gone, and its row with it. */
  readonly forget: (listener: Listener) => void;
}

/** Deliveries, and bytes of them, in one call. */
const MOST_DELIVERIES = 128;
const MOST_BYTES = 1_048_576;
/** What a place in a queue takes, about. */
const PLACE_BYTES = 16;
const RETRY_MS = 100;
/** Nothing waits longer on a bare timer: the object could not hibernate. */
const MOST_RETRY_MS = 1_000;
/** Whoever could not be reached so often, and for so long, is gone. */
const MOST_FAILURES = 5;
const GIVEN_UP_MS = 60_000;

const OVERRUN =
  "A member of a room does not keep up with it: the oldest of the events that wait for it are dropped.";

/**
 * Brings deliveries to listeners. Each has a queue of its own and is called with all that waits, one
 * call at a time: so it hears everything in one order, a slow one holds up nobody else, and under load
 * one call carries much. At most `roomCalls` calls are under way, and are begun in one event.
 */
export class FanOut {
  readonly #parts: FanOutParts;
  /** Who is to be called, the longest waiting first. */
  readonly #ready = new Set<Listener>();
  #underWay = 0;
  /** Listeners that wait to be called again. */
  #retrying = 0;
  /** Calls that may still begin in this event. */
  #left: number;
  #isProceeding = false;
  /** Bytes of all that waits, each delivery counted once. */
  #held = 0;
  #idle: Promise<void> | undefined;
  #rest: () => void = () => {};

  constructor(parts: FanOutParts) {
    this.#parts = parts;
    this.#left = parts.limits.roomCalls;
  }

  /** Nothing waits, and nothing is under way. */
  get isIdle(): boolean {
    return this.#ready.size + this.#underWay + this.#retrying === 0;
  }

  /** Resolves when that is so. */
  get idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return (this.#idle ??= new Promise((resolve) => (this.#rest = resolve)));
  }

  /**
   * Puts a delivery in the queue of everybody whom it is for; `proceed` sends it out.
   *
   * @returns false where more waits than the room may hold
   */
  post(delivery: RoomDelivery, listeners: Iterable<Listener>): boolean {
    const { limits, platform } = this.#parts;
    if (this.#held > limits.roomHeldBytes) return false;
    const posted: Posted = { delivery, waits: 0 };
    for (const listener of listeners) {
      if (delivery.except.includes(listener.member.user)) continue;
      this.#hold(posted);
      listener.waiting.push(posted);
      if (!listener.isBusy) {
        listener.isBusy = true;
        this.#ready.add(listener);
      }
      if (listener.waiting.length <= limits.roomQueue) continue;
      this.#drop(listener.waiting.splice(0, 1));
      if (!listener.isOverrun) platform.warn(OVERRUN);
      listener.isOverrun = true;
    }
    return true;
  }

  /** A new event has begun: so many calls may be made in it. */
  proceed(): void {
    this.#left = this.#parts.limits.roomCalls;
    this.#pump();
  }

  #pump(): void {
    for (const listener of this.#ready) {
      if (this.#underWay >= this.#parts.limits.roomCalls) return;
      if (this.#left === 0) {
        void this.#nextSlice();
        return;
      }
      this.#ready.delete(listener);
      const deliveries = this.#takeWaiting(listener);
      if (deliveries.length === 0) listener.isBusy = false;
      else void this.#call(listener, deliveries);
    }
    if (!this.isIdle) return;
    this.#rest();
    this.#idle = undefined;
  }

  async #nextSlice(): Promise<void> {
    if (this.#isProceeding) return;
    this.#isProceeding = true;
    try {
      await this.#parts.platform.nextEvent();
    } catch (error) {
      this.#parts.platform.report(error, "A room goes on in the same event");
    }
    this.#isProceeding = false;
    this.proceed();
  }

  #takeWaiting(listener: Listener): Posted[] {
    if (listener.isGone) this.#drop(listener.waiting.splice(0));
    let bytes = 0;
    let count = 0;
    for (const { delivery } of listener.waiting) {
      bytes += delivery.text.length;
      if (count > 0 && (count === MOST_DELIVERIES || bytes > MOST_BYTES)) break;
      count++;
    }
    return listener.waiting.splice(0, count);
  }

  async #call(listener: Listener, posted: Posted[]): Promise<void> {
    this.#underWay++;
    this.#left--;
    const { joins } = listener;
    const outcome = await this.#outcome(listener, posted);
    this.#underWay--;
    if (outcome === "refused") listener.waiting.unshift(...posted);
    else this.#drop(posted);
    if (outcome === "taken" || outcome === "gone") {
      listener.failures = 0;
      listener.isOverrun = false;
    } else this.#count(listener);
    const isGone = outcome === "gone" || this.#isGivenUp(listener);
    // Whoever has joined while it was called is not gone: the call did not know it.
    if (isGone && listener.joins === joins) this.#forget(listener);
    if (listener.waiting.length === 0) listener.isBusy = false;
    else if (listener.failures === 0 || listener.isGone) this.#ready.add(listener);
    else this.#callLater(listener);
    this.#pump();
  }

  async #outcome(
    listener: Listener,
    posted: readonly Posted[],
  ): Promise<"taken" | "gone" | "refused" | "lost"> {
    const { call, limits, platform } = this.#parts;
    let callOff = (): void => {};
    try {
      const called = call(
        listener,
        posted.map(({ delivery }) => delivery),
      );
      const late = new Promise<never>((_, reject) => {
        callOff = platform.after(limits.roomCallMs, () => reject(new Error("No answer in time.")));
      });
      return await Promise.race([called, late]);
    } catch (error) {
      // The platform marks what it has not even delivered.
      if ((error as { overloaded?: unknown } | undefined)?.overloaded === true) return "refused";
      // Once in a row: a member that cannot be reached must not fill the log.
      if (listener.failures === 0) platform.report(error, "A member of a room cannot be reached");
      return "lost";
    } finally {
      callOff();
    }
  }

  #count(listener: Listener): void {
    if (listener.failures === 0) listener.failingSince = this.#parts.platform.now();
    listener.failures++;
  }

  #isGivenUp({ failures, failingSince }: Listener): boolean {
    return failures >= MOST_FAILURES && this.#parts.platform.now() - failingSince >= GIVEN_UP_MS;
  }

  #forget(listener: Listener): void {
    try {
      this.#parts.forget(listener);
    } catch (error) {
      this.#parts.platform.report(
        error,
        "A member that is gone could not be taken out of its room",
      );
    }
  }

  #callLater(listener: Listener): void {
    const { platform } = this.#parts;
    this.#retrying++;
    platform.after(Math.min(RETRY_MS * 2 ** (listener.failures - 1), MOST_RETRY_MS), () => {
      this.#retrying--;
      this.#ready.add(listener);
      this.#pump();
    });
  }

  #hold(posted: Posted): void {
    this.#held += PLACE_BYTES + (posted.waits === 0 ? posted.delivery.text.length : 0);
    posted.waits++;
  }

  #drop(posted: readonly Posted[]): void {
    for (const one of posted) {
      one.waits--;
      this.#held -= PLACE_BYTES + (one.waits === 0 ? one.delivery.text.length : 0);
    }
  }
}
