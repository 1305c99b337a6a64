import { expect, test } from "vitest";
import { startHoldfast } from "./holdfast-subject.ts";
import { crowded, loneRoundTrips } from "./load.ts";

const ACTIONS = 600;

test("[G21] on workerd, actions of many users share rows, and those of one alone have a row each", async () => {
  await using server = await startHoldfast({ text: { COUNT_SQL: "1" } });
  await server.fill("small", 1_000);
  const rowsPerAction = async (act: () => Promise<unknown>): Promise<number> => {
    await server.sqlCounts();
    await act();
    return (await server.sqlCounts()).rowsWritten / ACTIONS;
  };
  const links = await Promise.all(Array.from({ length: 16 }, () => server.open("small")));
  const [alone] = links;
  if (!alone) throw new Error("nobody is here");
  expect(await rowsPerAction(() => loneRoundTrips(alone, ACTIONS))).toBeGreaterThanOrEqual(1);
  expect(await rowsPerAction(() => crowded(links, ACTIONS))).toBeLessThan(0.7);
  for (const link of links) link.close();
}, 60_000);
