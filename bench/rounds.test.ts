import { expect, test } from "vitest";
import { interleave, type Measured, roundsNote } from "./rounds.ts";
import { median, percentile } from "./statistics.ts";

/** A measurement that gives these values, one per call, then the last one for ever. */
function giving(...values: number[]): () => Promise<Measured> {
  let call = 0;
  return async () => ({ p50: values[Math.min(call++, values.length - 1)] ?? NaN });
}

test("percentiles are interpolated between the closest ranks", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([0, 10], 0.95)).toBeCloseTo(9.5);
  expect(() => median([])).toThrow("no values");
});

test("ratios are taken within each round, then their median", async () => {
  const comparison = await interleave({
    rounds: 3,
    steadyBy: "p50",
    stolen: () => 0,
    // The machine gets slower and slower; both feel it.
    reference: giving(1, 1, 2, 2, 4, 4),
    ours: giving(1.1, 2.2, 4.4),
  });
  expect(comparison.ratio["p50"]).toBeCloseTo(1.1);
  expect(comparison.ours["p50"]).toBeCloseTo(2.2);
  expect(comparison.reference["p50"]).toBe(2);
  expect(roundsNote(comparison)).toBe("");
});

test("a round in which L is not equal to itself is run again and does not count", async () => {
  const comparison = await interleave({
    rounds: 1,
    steadyBy: "p50",
    stolen: () => 0,
    reference: giving(1, 3, 1, 1),
    ours: giving(100, 1),
  });
  expect(comparison.ratio["p50"]).toBe(1);
  expect(roundsNote(comparison)).toBe("1 rounds repeated");
});

test("a round in which the machine was taken away does not count, however equal L is to itself", async () => {
  const stolen = [0, 1_000, 1_000];
  const comparison = await interleave({
    rounds: 1,
    steadyBy: "p50",
    stolen: () => stolen.shift() ?? 1_000,
    reference: giving(1),
    ours: giving(100, 1),
  });
  expect(comparison.ratio["p50"]).toBe(1);
  expect(roundsNote(comparison)).toBe("1 rounds repeated");
});

test("a machine that never calms down is told, not hidden", async () => {
  let call = 0;
  const comparison = await interleave({
    rounds: 2,
    steadyBy: "p50",
    stolen: () => 0,
    reference: async () => ({ p50: call++ % 2 === 0 ? 1 : 2 }),
    ours: giving(1),
  });
  expect(comparison.unsteady).toBe(true);
  expect(roundsNote(comparison)).toContain("unsteady");
});
