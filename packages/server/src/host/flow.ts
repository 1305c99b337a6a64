import type { Limits } from "@holdfast/protocol";

/** Stretches of sent bytes shorter than this share one record, so that records stay few. */
const STRETCH_BYTES = 16 * 1024;

/**
 * Counts what one connection was sent and has not said to have read. The platform tells nobody how
 * much a socket holds back, so the reader's own `seen` is the only measure.
 */
export class Flow {
  readonly #limits: Limits;
  /** Oldest first: up to `version`, `bytes` more were sent. */
  #stretches: { version: number; bytes: number }[] = [];
  #unseen = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** False when so much is unread already that nothing more may be sent. */
  get open(): boolean {
    return this.#unseen <= this.#limits.unseenBytes;
  }

  sent(version: number, bytes: number): void {
    this.#unseen += bytes;
    const last = this.#stretches.at(-1);
    if (last && last.bytes < STRETCH_BYTES) {
      last.version = version;
      last.bytes += bytes;
    } else {
      this.#stretches.push({ version, bytes });
    }
  }

  seen(version: number): void {
    let count = 0;
    for (const stretch of this.#stretches) {
      if (stretch.version > version) break;
      this.#unseen -= stretch.bytes;
      count++;
    }
    this.#stretches.splice(0, count);
  }
}
