import { describe, expect, test } from "vitest";
import { drawScript } from "./draw-script.ts";
import { play } from "./play.ts";
import { describeStep } from "./step.ts";

/** Seeds of the run on every commit; `npm run prove -- converge` plays many more. */
const HISTORIES = 100;
const PER_TEST = 20;

describe("the deterministic world", () => {
  test.each(Array.from({ length: HISTORIES / PER_TEST }, (_, index) => index * PER_TEST + 1))(
    "[G1] [G2] [G3] [G4] [G6] [G7] [G8] [G9] [G10] [G11] [G13] [G15] [G20] hold in the histories from seed %i on",
    { timeout: 120_000 },
    async (first) => {
      for (let seed = first; seed < first + PER_TEST; seed++) {
        const script = drawScript(seed);
        const { breach } = await play(script);
        expect(
          breach,
          `seed ${seed}\n${script.steps.map(describeStep).join("\n")}`,
        ).toBeUndefined();
      }
    },
  );

  test("the same script plays out the same, message by message", async () => {
    const script = drawScript(7);
    const first = await play(script, { transcript: true });
    const second = await play(script, { transcript: true });
    expect(first.transcript.length).toBeGreaterThan(100);
    expect(second).toEqual(first);
  });
});
