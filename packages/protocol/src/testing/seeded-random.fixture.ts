/** Gives numbers from 0 up to 1. */
export type Random = () => number;

/** The same numbers for the same seed, on every platform (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 up to, but not, `end`. */
export function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

export function pick<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  // True because every list here has items, and the index is within it.
  return items[below(random, items.length)] as T;
}
