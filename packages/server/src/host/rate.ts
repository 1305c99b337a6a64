import type { Limits } from "@holdfast/protocol";

/** A token bucket per principal: `rateBurst` at once, then `ratePerSecond`. */
export class Rate {
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes one token: 0 when there was one, otherwise the milliseconds until there is. */
  take(principal: string, now: number): number {
    const { rateBurst, ratePerSecond } = this.#limits;
    let bucket = this.#buckets.get(principal);
    if (!bucket) {
      this.#forgetFull(now);
      bucket = { tokens: rateBurst, at: now };
      this.#buckets.set(principal, bucket);
    }
    const gained = (Math.max(0, now - bucket.at) / 1000) * ratePerSecond;
    bucket.tokens = Math.min(rateBurst, bucket.tokens + gained);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / ratePerSecond) * 1000);
    bucket.tokens -= 1;
    return 0;
  }

  /** A bucket that is full again says no more than no bucket. Looked at when one is added. */
  #forgetFull(now: number): void {
    if (this.#buckets.size < 1_000) return;
    const refillMs = (this.#limits.rateBurst / this.#limits.ratePerSecond) * 1000;
    for (const [principal, bucket] of this.#buckets) {
      if (now - bucket.at > refillMs) this.#buckets.delete(principal);
    }
  }
}
