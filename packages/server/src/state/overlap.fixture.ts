import { expect } from "vitest";
import type { Patch } from "@holdfast/protocol";
import type { Loose } from "./act.fixture.ts";
import type { AsyncTransaction } from "./async-transaction.ts";
import type { StateTree } from "./state-tree.ts";

export const CONFLICT: unknown = expect.objectContaining({ code: "CONFLICT" });
export const ENDED: unknown = expect.objectContaining({ code: "ENDED" });

export interface Handler {
  readonly transaction: AsyncTransaction;
  readonly state: Loose;
  /** How often it has told of a first write. */
  readonly firstWrites: () => number;
}

/** An asynchronous handler that has begun; whatever the test does between its steps is an await. */
export function begin(tree: StateTree, mode: "default" | "serializable" = "default"): Handler {
  let count = 0;
  const transaction = tree.beginAsync({
    serializable: mode === "serializable",
    onFirstWrite: () => count++,
  });
  return { transaction, state: transaction.state, firstWrites: () => count };
}

/** What another action does meanwhile, and commits. */
export function others(tree: StateTree, change: (state: Loose) => void): Patch[] {
  const transaction = tree.begin();
  change(transaction.state);
  const patches = transaction.derive();
  transaction.end();
  return patches;
}

/** The end of a handler that commits. */
export function commit({ transaction }: Handler): Patch[] {
  const patches = transaction.derive();
  transaction.publish();
  return patches;
}
