import type { Platform } from "./platform.ts";

/** An asynchronous action, as the turn knows it. */
export interface Writer {
  /** The action's name, for the operator's log. */
  readonly name: string;
}

interface Wait {
  readonly writer: Writer;
  readonly resume: () => void;
}

/** So long a handler may keep others waiting while it awaits. */
const HOLD_MS = 2_000;
/** So long before the operator is told whom others are waiting for. */
const WARN_MS = 1_000;

/**
 * Who may write, in what order commits go, and who waits meanwhile.
 *
 * A handler that has unpublished writes while it awaits holds the turn. One that writes while
 * another holds it keeps its writes to itself and parks at its commit. Actions that have not
 * started wait behind both.
 *
 *   free ──wrote──▶ held ──release──▶ parked, oldest first write first ──▶ waiting, in order ──▶ free
 *                    └──2 s──▶ overdue: as released, and its commit parks like any other
 */
export class Turn {
  readonly #platform: Platform;
  readonly #mostWaiting: number;
  #holder: Writer | undefined;
  #stopClock: () => void = () => {};
  /** When a writer made its first unpublished write; forgotten when it publishes or ends. */
  readonly #order = new Map<Writer, number>();
  #writes = 0;
  readonly #parked: Wait[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(platform: Platform, mostWaiting: number) {
    this.#platform = platform;
    this.#mostWaiting = mostWaiting;
  }

  /** Nobody has a claim on the state: an action may start and commit now. */
  get free(): boolean {
    return !this.#holder && this.#parked.length === 0 && this.#waiting.length === 0;
  }

  /** So many wait that no more should. */
  get full(): boolean {
    return this.#waiting.length >= this.#mostWaiting;
  }

  /** Calls `start` as soon as actions may start, which may be now. */
  whenFree(start: () => void): void {
    if (this.free) start();
    else this.#waiting.push(start);
  }

  /** The writer has made its first unpublished write. */
  wrote(writer: Writer): void {
    this.#order.set(writer, ++this.#writes);
    if (!this.#holder && this.#parked.length === 0) this.#hold(writer);
  }

  /** Calls `commit` when the writer may commit, which may be now. It ends with `release`. */
  whenTurn(writer: Writer, commit: () => void): void {
    if (this.#holder === writer) {
      commit();
      return;
    }
    this.#parked.push({ writer, resume: commit });
    if (!this.#holder) this.#next();
  }

  /** The writer has published its writes, or they were undone. */
  release(writer: Writer): void {
    this.#order.delete(writer);
    if (this.#holder !== writer) return;
    this.#letGo();
    this.#next();
  }

  #hold(writer: Writer): void {
    this.#holder = writer;
    const stopWarning = this.#platform.after(WARN_MS, () => {
      this.#platform.warn(
        `The action "${writer.name}" has written and has been awaiting for ${WARN_MS} ms; others wait for it. Publish with await commit() before slow awaits, or await before the first write.`,
      );
    });
    const stopHold = this.#platform.after(HOLD_MS, () => {
      this.#letGo();
      this.#next();
    });
    this.#stopClock = () => {
      stopWarning();
      stopHold();
    };
  }

  #letGo(): void {
    this.#stopClock();
    this.#holder = undefined;
  }

  /** Gives the turn to who is next. Each step may end with somebody holding it. */
  #next(): void {
    while (!this.#holder) {
      const parked = this.#takeOldest();
      if (parked) {
        this.#hold(parked.writer);
        parked.resume();
        continue;
      }
      const start = this.#waiting.shift();
      if (!start) return;
      start();
    }
  }

  #takeOldest(): Wait | undefined {
    let oldest: Wait | undefined;
    for (const wait of this.#parked) {
      if (!oldest || this.#age(wait) < this.#age(oldest)) oldest = wait;
    }
    if (oldest) this.#parked.splice(this.#parked.indexOf(oldest), 1);
    return oldest;
  }

  #age({ writer }: Wait): number {
    return this.#order.get(writer) ?? Number.POSITIVE_INFINITY;
  }
}
