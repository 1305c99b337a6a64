/** So many senders are remembered; one that has been silent for longest is forgotten first. */
const MOST_SENDERS = 1_000;

/** Tells what has come before: numbers of one sender only grow. */
export class SeenNumbers {
  readonly #last = new Map<string, number>();

  /** @returns false for a number that has come, or is older than one that has */
  isNew(sender: string, number: number): boolean {
    if (number === 0) return true;
    const last = this.#last.get(sender) ?? 0;
    if (number <= last) return false;
    this.#last.delete(sender);
    this.#last.set(sender, number);
    if (this.#last.size > MOST_SENDERS) {
      for (const oldest of this.#last.keys()) {
        this.#last.delete(oldest);
        break;
      }
    }
    return true;
  }
}
