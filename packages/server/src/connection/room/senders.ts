import type { RoomDelivery } from "../room-port.ts";

/** What a sender had tried before, in a call that it repeats now. */
export interface Repeat {
  /** The highest number that it has sent before. */
  readonly upTo: number;
  /** The memory of the room that it knew then; `""`: none. */
  readonly incarnation: string;
}

/** Knows how far each sender has come, so that a repeated delivery is delivered once. */
export class Senders {
  readonly #most: number;
  /** The one that sent last stands last. */
  readonly #last = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a delivery has been taken before. */
  hasSeen({ from, number }: RoomDelivery): boolean {
    return number > 0 && number <= this.last(from);
  }

  /** The number of a sender's latest; 0 where nothing is known of it. */
  last(from: string): number {
    return this.#last.get(from) ?? 0;
  }

  /** A delivery is taken, or given up: its number never counts again. */
  see({ from, number }: RoomDelivery): void {
    if (number === 0) return;
    this.#last.delete(from);
    this.#last.set(from, number);
    if (this.#last.size <= this.#most) return;
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      return;
    }
  }
}
