import type { Disorder } from "../disorder.ts";
import { UndoLog } from "../log/undo-log.ts";
import type { Write } from "../log/write.ts";

/** What an asynchronous transaction has to say to each of its writes. */
export interface Censor {
  /** @throws HoldfastError `CONFLICT`: the write is not made. */
  before(write: Write): void;
  /** @throws HoldfastError `CONFLICT`: the write is made, and will be undone. */
  after(write: Write): void;
}

/** The log of an asynchronous transaction, which may be made again on a tree that has changed. */
export class IsolatedLog extends UndoLog {
  readonly #censor: Censor;
  #runs = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(limit: number, disorder: Disorder, censor: Censor) {
    super(limit, disorder);
    this.#censor = censor;
  }

  /** Counts the writes that were made: several may be one record. */
  get runs(): number {
    return this.#runs;
  }

  override run(write: Write): void {
    try {
      this.#censor.before(write);
      this.#runs++;
      super.run(write);
      this.#censor.after(write);
    } catch (cause) {
      // Nothing is called here: the stack may be at its end, and the write half remembered.
      this.#failure ??= { cause };
      throw cause;
    }
  }

  override assertWhole(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Makes a write again that was made and taken before. */
  again(write: Write): void {
    this.writes.push(write);
    write.redo();
  }

  /** Forgets all writes and returns them. They are not undone. */
  take(): Write[] {
    return this.writes.splice(0);
  }
}
