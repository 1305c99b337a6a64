/** A row that holds nothing of use any more. */
export interface FreeSlot {
  readonly slot: number;
  /** What emptying it would give back. */
  readonly bytes: number;
}

/**
 * The slots of one table that may be written over. The one freed last is used first: in a queue,
 * a few large rows would travel through all slots and leave each of them large.
 */
export class SlotPool {
  readonly #free: FreeSlot[] = [];
  #next = 1;
  #freeBytes = 0;

  /** How many slots the table has, used and free. */
  get size(): number {
    return this.#next - 1;
  }

  get freeCount(): number {
    return this.#free.length;
  }

  /** What emptying all free slots would give back. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Tells of a slot that exists, used or free. */
  include(slot: number): void {
    if (slot >= this.#next) this.#next = slot + 1;
  }

  /** The slot that `take` will take as its number `index`. Changes nothing, in case a write fails. */
  peek(index = 0): number {
    return this.#free.at(-1 - index)?.slot ?? this.#next + index - this.#free.length;
  }

  /**
   * The slots are in use now: those that `peek` told, in that order, and nothing was freed since.
   *
   * @throws Error otherwise: a row that is in use may have been written over
   */
  take(slots: Iterable<number>): void {
    for (const slot of slots) {
      if (slot !== this.peek()) throw new Error(`Slot ${slot} was used, and not told to be free.`);
      const free = this.#free.pop();
      if (free) this.#freeBytes -= free.bytes;
      else this.#next++;
    }
  }

  free(slot: number, bytes: number): void {
    this.#free.push({ slot, bytes });
    this.#freeBytes += bytes;
  }

  /** The largest free slots, until the rest would give back at most `limit`. */
  largest(limit: number): FreeSlot[] {
    let excess = this.#freeBytes - limit;
    if (excess <= 0) return [];
    const chosen: FreeSlot[] = [];
    for (const slot of this.#free.toSorted((a, b) => b.bytes - a.bytes)) {
      if (excess <= 0) break;
      chosen.push(slot);
      excess -= slot.bytes;
    }
    return chosen;
  }

  /** The slots were emptied in place. */
  emptied(slots: readonly FreeSlot[]): void {
    const emptied = new Set(slots.map(({ slot }) => slot));
    for (const [index, free] of this.#free.entries()) {
      if (!emptied.has(free.slot)) continue;
      this.#free[index] = { slot: free.slot, bytes: 0 };
      this.#freeBytes -= free.bytes;
    }
  }

  /** The `count` free slots that would be used last. */
  oldest(count: number): FreeSlot[] {
    return this.#free.slice(0, Math.max(0, count));
  }

  /** The first `count` of `oldest` are no longer in the table. */
  removed(count: number): void {
    for (const { bytes } of this.#free.splice(0, count)) this.#freeBytes -= bytes;
  }
}
