/** Two fields that each part of a handler raises one after the other, with an await in between. */
export interface Pair {
  left: number;
  right: number;
}

export interface Ledger {
  cells: Record<string, Pair>;
  /** Who has raised a pair, in the order of commits. */
  log: string[];
}

export function newLedger(): Ledger {
  const pair = (): Pair => ({ left: 0, right: 0 });
  return { cells: { a: pair(), b: pair(), c: pair() }, log: [] };
}

export function raise(ledger: Ledger, cell: string, label: string): void {
  const pair = ledger.cells[cell];
  if (pair === undefined) throw new Error(`a pair that nobody knows: ${cell}`);
  pair.left++;
  pair.right++;
  ledger.log.push(label);
}

/** What one handler has written and not published. */
export interface Part {
  readonly who: string;
  readonly raised: { readonly cell: string; readonly label: string }[];
  /** Another commit has changed what it had written before. */
  isDoomed: boolean;
  /** It waits to commit, for good or to go on. */
  parked: "end" | "commit" | undefined;
}

/**
 * What the order of writes says about the order of commits: who writes first commits first, who
 * has not begun waits for all who have written.
 */
export class TurnModel {
  readonly ledger: Ledger = newLedger();
  /** In the order of their first unpublished writes: the first one holds the turn. */
  readonly #writers: Part[] = [];
  /** Actions that have not begun. */
  readonly #waiting: (() => void)[] = [];

  get free(): boolean {
    return this.#writers.length === 0;
  }

  raises(who: string, cell: string, label: string): void {
    let part = this.partOf(who);
    if (part === undefined) {
      part = { who, raised: [], isDoomed: false, parked: undefined };
      this.#writers.push(part);
    }
    part.raised.push({ cell, label });
  }

  partOf(who: string): Part | undefined {
    return this.#writers.find((part) => part.who === who);
  }

  parks(who: string, why: "end" | "commit"): void {
    const part = this.partOf(who);
    if (part !== undefined) part.parked = why;
    this.#advance();
  }

  /** Its writes are gone. */
  drops(who: string): void {
    const at = this.#writers.findIndex((part) => part.who === who);
    if (at >= 0) this.#writers.splice(at, 1);
    this.#advance();
  }

  whenFree(start: () => void): void {
    this.#waiting.push(start);
    this.#advance();
  }

  #advance(): void {
    for (let first = this.#writers[0]; first?.parked !== undefined; first = this.#writers[0]) {
      this.#writers.shift();
      if (!first.isDoomed) this.commit(first.raised);
    }
    while (this.free) {
      const start = this.#waiting.shift();
      if (start === undefined) return;
      start();
    }
  }

  /** What is committed dooms whoever has written to the same places before. */
  commit(raised: Part["raised"]): void {
    for (const { cell, label } of raised) {
      raise(this.ledger, cell, label);
      for (const part of this.#writers) {
        if (part.raised.some((one) => one.cell === cell)) part.isDoomed = true;
      }
    }
  }
}
