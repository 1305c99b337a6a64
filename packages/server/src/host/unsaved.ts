import type { FinishedSequence, JournalCommit } from "../storage/journal-entry.ts";
import type { Effects } from "./effects.ts";
import type { Platform } from "./platform.ts";

/** What is in memory as if it were committed, and waits for storage. */
export interface Held {
  readonly commit: JournalCommit | undefined;
  readonly finished: FinishedSequence | undefined;
  readonly effects: Effects | undefined;
  /** It is stored. */
  readonly saved: () => void;
}

const RETRY_MS = 1_000;
const MOST_RETRY_MS = 30_000;

/**
 * What storage did not take, of a module that keeps it all the same (`throwOnError: false`): it goes
 * along with the next write, whosever that is. Where nobody writes it is tried again by a timer, which
 * also keeps the instance in memory.
 */
export class Unsaved {
  readonly #platform: Platform;
  readonly #most: number;
  readonly #retry: () => void;
  #held: Held[] = [];
  #pause = RETRY_MS;
  #stopClock: (() => void) | undefined;

  constructor(platform: Platform, most: number, retry: () => void) {
    this.#platform = platform;
    this.#most = most;
    this.#retry = retry;
  }

  get held(): readonly Held[] {
    return this.#held;
  }

  /** Whether so many more may be held. */
  hasRoomFor(count: number): boolean {
    return this.#held.length + count <= this.#most;
  }

  /** A write has failed, and these were in it for the first time. */
  hold(held: readonly Held[]): void {
    this.#held.push(...held);
    if (this.#held.length === 0) return;
    this.#stopClock ??= this.#platform.after(this.#pause, () => {
      this.#stopClock = undefined;
      this.#pause = Math.min(this.#pause * 2, MOST_RETRY_MS);
      this.#retry();
    });
  }

  /** A write has taken all of them along. */
  release(): void {
    const released = this.#held;
    this.#held = [];
    this.#pause = RETRY_MS;
    this.#stopClock?.();
    this.#stopClock = undefined;
    for (const { saved } of released) saved();
  }
}
