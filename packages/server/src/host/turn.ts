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
 * another holds it keeps its writes to itself, and has the turn after that one: until then it parks
 * at its commit. Actions that have not started wait behind both.
 *
 *   free ──wrote──▶ held ──release──▶ other writers, oldest first write first ──▶ waiting, in order ──▶ free
 *                    └──2 s──▶ overdue: as released, and it has the turn again when it is to commit
 */
export class Turn {
  readonly #platform: Platform;
  readonly #mostWaiting: number;
  #holder: Writer | undefined;
  #stopClock: () => void = () => {};
  /** Who has unpublished writes, in the order of their first ones. */
  readonly #writers = new Set<Writer>();
  readonly #overdue = new WeakSet<Writer>();
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
    this.#writers.add(writer);
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
    this.#writers.delete(writer);
    this.#overdue.delete(writer);
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
      this.#overdue.add(writer);
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
      const writer = this.#nextWriter();
      if (writer) {
        this.#hold(writer);
        this.#takeParked(writer)?.resume();
        // It was given up while it was parked.
        if (this.#holder === writer && !this.#writers.has(writer)) this.#letGo();
        continue;
      }
      const start = this.#waiting.shift();
      if (!start) return;
      start();
    }
  }

  #nextWriter(): Writer | undefined {
    for (const writer of this.#writers) {
      if (!this.#overdue.has(writer) || this.#isParked(writer)) return writer;
    }
    return this.#parked[0]?.writer;
  }

  #isParked(writer: Writer): boolean {
    return this.#parked.some((wait) => wait.writer === writer);
  }

  #takeParked(writer: Writer): Wait | undefined {
    const at = this.#parked.findIndex((wait) => wait.writer === writer);
    return at < 0 ? undefined : this.#parked.splice(at, 1)[0];
  }
}
