import { expect, test } from "vitest";
import type { Value } from "@holdfast/protocol";
import { pairItems } from "./pair-items.ts";

const [a, b, c, d] = ["a", "b", "c", "d"].map((id): Value => ({ id }));
const [x, y] = ["x", "y"].map((id): Value => ({ id }));

const cases: [name: string, before: Value[], after: Value[], pairs: [Value, Value][]][] = [
  ["one is replaced", [a, b, c], [a, x, c], [[b, x]]],
  ["one is replaced, and one before it is gone", [a, b, c], [x, c], [[a, x]]],
  ["one is replaced, and one is added before those that stay", [a, b], [x, a, y], [[b, y]]],
  ["one is gone", [a, b, c], [a, c], []],
  [
    "all are replaced",
    [a, b],
    [x, y],
    [
      [a, x],
      [b, y],
    ],
  ],
  [
    "the others are in another order",
    [a, b, c, d],
    [c, x, a, y],
    [
      [d, x],
      [b, y],
    ],
  ],
  ["none are left", [a, b], [], []],
  ["there was none", [], [a], []],
  ["nothing in it is an object", [1, 2], [3, 4], []],
];

for (const [name, before, after, pairs] of cases) {
  test(`what stands where what stood before: ${name}`, () => {
    const found = [...pairItems(before, after)];
    expect(found.length).toBe(pairs.length);
    for (const [at, [past, now]] of found.entries()) {
      expect(past).toBe(pairs[at]?.[0]);
      expect(now).toBe(pairs[at]?.[1]);
    }
  });
}
