import { expect, test } from "vitest";
import { startHoldfast } from "./holdfast-subject.ts";
import { loneRoundTrips, pipelined } from "./load.ts";
import { rowsPerAction } from "./sql-counts.ts";

const ACTIONS = 400;

// Not by users who act at once: on a slow machine they no longer do, as far as the clock can tell.
test("[G21] on workerd, actions that do not wait for each other share rows, and lone ones have a row each", async () => {
  await using server = await startHoldfast({ text: { COUNT_SQL: "1" } });
  await server.fill("small", 1_000);
  const link = await server.open("small");
  const rows = (act: () => Promise<unknown>): Promise<number> =>
    rowsPerAction(server, ACTIONS, act);
  expect(await rows(() => loneRoundTrips(link, ACTIONS))).toBeGreaterThanOrEqual(1);
  expect(await rows(() => pipelined(link, ACTIONS, 64))).toBeLessThan(0.7);
  link.close();
}, 60_000);
