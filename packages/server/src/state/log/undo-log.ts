import { HoldfastError } from "@holdfast/protocol";
import { FieldWrite } from "./field-write.ts";
import type { Disorder } from "../disorder.ts";
import type { Write } from "./write.ts";

/**
 * What one transaction changed, in order. Backwards it is the undo, forwards the redo, and patches
 * are derived from it.
 */
export class UndoLog {
  readonly writes: Write[] = [];
  readonly #limit: number;
  readonly #disorder: Disorder;
  #count = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(limit: number, disorder: Disorder) {
    this.#limit = limit;
    this.#disorder = disorder;
  }

  /**
   * Makes a change and remembers it.
   *
   * @throws HoldfastError `TOO_MANY_WRITES`
   */
  run(write: Write): void {
    try {
      if (this.#count++ >= this.#limit) refuseMore(this.#limit);
      // Not by an index: that of an empty array is -1, which V8 looks up as a name, and everywhere.
      const last = this.writes.at(-1);
      if (write instanceof FieldWrite && last instanceof FieldWrite && last.absorbs(write)) {
        last.absorb(write);
      } else {
        this.writes.push(write);
        write.redo();
      }
    } catch (cause) {
      // Nothing is called here: the stack may be at its end.
      this.#failure ??= { cause };
      throw cause;
    }
  }

  /**
   * An action that caught the error of a write that failed half-way must not commit what it has.
   *
   * @throws what the write threw.
   */
  assertWhole(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  undo(): void {
    for (let at = this.writes.length - 1; at >= 0; at--) this.writes[at]?.undo(this.#disorder);
  }

  redo(): void {
    for (const write of this.writes) write.redo();
  }
}

function refuseMore(limit: number): never {
  throw new HoldfastError(
    "TOO_MANY_WRITES",
    `The action wrote to its state more than ${limit} times, so it was undone. ` +
      "It may be in an endless loop; otherwise spread the change over several actions, or assign " +
      "whole values instead of changing them piece by piece.",
  );
}
