import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { Flow } from "./flow.ts";

const limits = { ...DEFAULT_LIMITS, unseenBytes: 100_000 };

test("[G14] a flow closes when more than the limit is unseen, and opens when it is seen", () => {
  const flow = new Flow(limits);
  for (let version = 1; version <= 10; version++) flow.sent(version, 10_000);
  expect(flow.open).toBe(true);
  flow.sent(11, 10_000);
  expect(flow.open).toBe(false);
  flow.seen(11);
  expect(flow.open).toBe(true);
});

test("seeing an old version frees what was sent up to it, and no more", () => {
  const flow = new Flow(limits);
  flow.sent(1, 50_000);
  flow.sent(2, 60_000);
  expect(flow.open).toBe(false);
  flow.seen(0);
  expect(flow.open).toBe(false);
  flow.seen(1);
  expect(flow.open).toBe(true);
  flow.sent(3, 50_000);
  expect(flow.open).toBe(false);
});
