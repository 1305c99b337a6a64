import { expect, test } from "vitest";
import { decodeState, encodeState } from "../stores/encode-state.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { checkStateStore } from "./check-state-store.ts";

test("[G1] a store in memory keeps what stores promise", async () => {
  const report = await checkStateStore(() => ({ store: memoryStore() }));
  expect(report.failures).toEqual([]);
});
