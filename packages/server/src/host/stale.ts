/** Thrown by a work whose patches were made on a state that has changed: nothing is decided. */
export class Stale extends Error {
  override readonly name = "Stale";

  constructor() {
    super("The patches were made on a state that has changed.");
  }
}
