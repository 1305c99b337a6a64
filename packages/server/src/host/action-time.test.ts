import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { actionTime } from "./action-time.ts";

const NOW = 1_800_000_000_000;
const { clockSkewMs } = DEFAULT_LIMITS;

test.each([
  ["nothing was predicted", undefined, NOW],
  ["the prediction was a moment ago", NOW - 40, NOW - 40],
  ["the client's clock is a little fast", NOW + 900, NOW + 900],
  ["it is as far as may be", NOW - clockSkewMs, NOW - clockSkewMs],
  ["it was made offline, hours ago", NOW - 3 * 3_600_000, NOW],
  ["it claims to be from the future", NOW + clockSkewMs + 1, NOW],
  ["it claims to be from long ago", 0, NOW],
])("[P34] [G16] an action is told a time near the server's own: %s", (_, said, told) => {
  expect(actionTime(said, NOW, DEFAULT_LIMITS)).toBe(told);
});

test("[P34] a limit of 0 leaves the time to the server", () => {
  expect(actionTime(NOW - 1, NOW, { clockSkewMs: 0 })).toBe(NOW);
});
