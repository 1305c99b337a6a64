import { meet, type Place } from "@holdfast/protocol";
import type { Platform } from "./platform.ts";
import type { Sequence } from "./sequences.ts";

/** Without a sequence: whatever it waits with. */
type WaiterName = Pick<Sequence, "principal" | "client"> & Partial<Pick<Sequence, "seq">>;

interface Waiter {
  readonly sequence: Sequence;
  places: readonly Place[];
  /** Set once it was asked to come again: calls off the end of its turn. */
  stopClock: (() => void) | undefined;
}

/**
 * Clients whose patches were stale, in the order in which they first were. Those at the same place
 * are asked to come again one after another: asked all at once, the one with the shortest way would
 * win each time, and the others would never get through.
 *
 *   stale ──join──▶ waiting ──nobody in front at the same place──▶ asked ──comes, or too late──▶ gone
 */
export class PatchLine {
  readonly #platform: Platform;
  readonly #turnMs: number;
  readonly #ask: (sequence: Sequence) => void;
  #waiters: Waiter[] = [];

  /** @param ask tells a client to make its patches again */
  constructor(platform: Platform, turnMs: number, ask: (sequence: Sequence) => void) {
    this.#platform = platform;
    this.#turnMs = turnMs;
    this.#ask = ask;
  }

  /** Whether somebody else waits for what the patches would change: they have to wait behind. */
  blocks(sequence: Sequence, places: readonly Place[]): boolean {
    if (this.#waiters.length === 0) return false;
    const own = this.#find(sequence);
    // One that was asked goes, whatever its recipes now want.
    if (own?.stopClock) return false;
    const inFront = own ? this.#waiters.slice(0, this.#waiters.indexOf(own)) : this.#waiters;
    return inFront.some((one) => meet(one.places, places));
  }

  /** The patches of `sequence` are stale, or have to wait. Who comes again keeps its place. */
  join(sequence: Sequence, places: readonly Place[]): void {
    const own = this.#find(sequence);
    own?.stopClock?.();
    if (own?.sequence.seq === sequence.seq) {
      own.places = places;
      own.stopClock = undefined;
    } else {
      this.leave(sequence);
      this.#waiters.push({ sequence, places, stopClock: undefined });
    }
  }

  /** The client has got through with all up to the sequence, or waits for nothing any more. */
  leave({ principal, client, seq = Infinity }: WaiterName): void {
    if (this.#waiters.length === 0) return;
    const own = this.#find({ principal, client });
    if (!own || own.sequence.seq > seq) return;
    own.stopClock?.();
    this.#waiters = this.#waiters.filter((one) => one !== own);
  }

  /** Asks everybody in front of whom nobody waits at the same place. */
  proceed(): void {
    for (const [index, one] of this.#waiters.entries()) {
      if (one.stopClock) continue;
      const isFirst = !this.#waiters
        .slice(0, index)
        .some((other) => meet(other.places, one.places));
      if (!isFirst) continue;
      one.stopClock = this.#platform.after(this.#turnMs, () => {
        this.leave(one.sequence);
        this.proceed();
      });
      this.#ask(one.sequence);
    }
  }

  #find({ principal, client }: WaiterName): Waiter | undefined {
    return this.#waiters.find(
      ({ sequence }) => sequence.client === client && sequence.principal === principal,
    );
  }
}
