import { expect, test } from "vitest";
import { Random } from "./random.ts";

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

test("a seed determines the numbers, and another seed gives others", () => {
  expect(draws(new Random(1), 100)).toEqual(draws(new Random(1), 100));
  expect(draws(new Random(1), 100)).not.toEqual(draws(new Random(2), 100));
});

test("the numbers do not repeat, and fill their range evenly", () => {
  const random = new Random(1);
  const numbers = draws(random, 100_000);
  // Of 100,000 draws from 2^32 values, about one is drawn twice by chance.
  expect(new Set(numbers).size).toBeGreaterThan(99_980);
  for (let tenth = 0; tenth < 10; tenth++) {
    const within = numbers.filter((n) => Math.floor(n * 10) === tenth).length;
    expect(within).toBeGreaterThan(9_500);
    expect(within).toBeLessThan(10_500);
  }
});
