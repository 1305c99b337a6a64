/** Numbers that a seed determines (xorshift with a splitmix start); not for secrets. */
export class Random {
  #a: number;
  #b: number;

  constructor(seed: number) {
    this.#a = mix(seed);
    this.#b = mix(this.#a ^ 0x9e3779b9) | 1;
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    let x = this.#a;
    const y = this.#b;
    this.#a = y;
    x ^= x << 23;
    x ^= x >>> 17;
    x ^= y ^ (y >>> 26);
    this.#b = x;
    return ((x + y) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("there is nothing to pick from");
    // The index is below the length, which is not zero.
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** A generator of its own, so that what one consumer draws does not move another's numbers. */
  fork(): Random {
    return new Random(this.between(0, 2 ** 31));
  }
}

function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}
