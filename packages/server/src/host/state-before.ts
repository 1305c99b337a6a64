import type { ValueObject } from "@holdfast/protocol";
import type { AsyncTransaction } from "../state/async-transaction.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { Transaction } from "../state/transaction.ts";

/**
 * Shows the committed state as it was before what is being committed, which is in the tree before
 * and after.
 *
 * @param applied the transactions of the batch in their order, or the asynchronous one that is published
 */
export function showStateBefore(
  tree: StateTree,
  applied: readonly Transaction[] | AsyncTransaction,
  look: (before: ValueObject) => void,
): void {
  if (!isBatch(applied)) {
    try {
      look(tree.committed());
    } finally {
      applied.assertActive();
    }
    return;
  }
  for (const transaction of applied.toReversed()) transaction.undo();
  try {
    look(tree.root);
  } finally {
    for (const transaction of applied) transaction.redo();
  }
}

function isBatch(
  applied: readonly Transaction[] | AsyncTransaction,
): applied is readonly Transaction[] {
  return Array.isArray(applied);
}
