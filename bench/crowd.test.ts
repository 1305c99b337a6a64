import { expect, test } from "vitest";
import { startHoldfast } from "./holdfast-subject.ts";
import { crowded, loneRoundTrips } from "./load.ts";
import { rowsPerAction } from "./sql-counts.ts";

const ACTIONS = 600;

test("[G21] on workerd, actions of many users share rows, and those of one alone have a row each", async () => {
  await using server = await startHoldfast({ text: { COUNT_SQL: "1" } });
  await server.fill("small", 1_000);
  const rows = (act: () => Promise<unknown>): Promise<number> =>
    rowsPerAction(server, ACTIONS, act);
  const links = await Promise.all(Array.from({ length: 16 }, () => server.open("small")));
  const [alone] = links;
  if (!alone) throw new Error("nobody is here");
  expect(await rows(() => loneRoundTrips(alone, ACTIONS))).toBeGreaterThanOrEqual(1);
  expect(await rows(() => crowded(links, ACTIONS))).toBeLessThan(0.7);
  for (const link of links) link.close();
}, 60_000);
