import { HoldfastError } from "@holdfast/protocol";

/**
 * Storage did not take a write. `await ctx.commit()` throws it, and what was to be published is still
 * unpublished: call `commit()` again, go on without, or let it through. Where nobody catches it, the
 * action is undone and stays open: its client sends it again.
 */
export class PersistError extends HoldfastError {
  /** The instance's key; of a connection, `user:<id>`. */
  readonly key: string;

  constructor(key: string, message: string, options?: ErrorOptions) {
    super("BUSY", message, options);
    this.key = key;
  }
}
