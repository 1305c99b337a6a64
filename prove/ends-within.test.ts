import { expect, test } from "vitest";
import { endsWithin } from "./ends-within.ts";

test("work that ends is done, and its error is its own", () => {
  let done = false;
  expect(endsWithin(5_000, () => (done = true))).toBe(true);
  expect(done).toBe(true);
  const error = new Error("its own");
  expect(() =>
    endsWithin(5_000, () => {
      throw error;
    }),
  ).toThrow(error);
});

test("work that never ends is stopped", () => {
  let rounds = 0;
  const endless = (): void => {
    for (;;) rounds++;
  };
  expect(endsWithin(50, endless)).toBe(false);
  expect(rounds).toBeGreaterThan(0);
});
