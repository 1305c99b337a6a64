import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { Rate } from "./rate.ts";

test("[G14] a burst passes, then the rate counts, per principal", () => {
  const rate = new Rate({ ...DEFAULT_LIMITS, rateBurst: 3, ratePerSecond: 10 });
  for (let n = 0; n < 3; n++) expect(rate.take("a", 0)).toBe(0);
  expect(rate.take("a", 0)).toBe(100);
  expect(rate.take("b", 0)).toBe(0);
  expect(rate.take("a", 100)).toBe(0);
  expect(rate.take("a", 150)).toBe(50);
});

test("a clock that runs backwards gives nothing and takes nothing", () => {
  const rate = new Rate({ ...DEFAULT_LIMITS, rateBurst: 1, ratePerSecond: 10 });
  expect(rate.take("a", 1_000)).toBe(0);
  expect(rate.take("a", 0)).toBe(100);
  expect(rate.take("a", 100)).toBe(0);
});
