import {
  applyPatches,
  canonicalEncode,
  cloneValue,
  encodeMessage,
  replayPatches,
} from "@holdfast/protocol";
import type { Limits, Patch, Value, ValueObject } from "@holdfast/protocol";
import { expect } from "vitest";
import { StateTree } from "./state-tree.ts";

/** State of any shape: the tests of a tracker read and write whatever they like. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

/** What is around the patches of a commit. */
const FRAME = encodeMessage({ type: "commit", version: 1, mark: "aaaaaa", patches: [] }).length;

export interface Acted {
  readonly patches: Patch[];
  readonly root: Loose;
  readonly tree: StateTree;
  /** Bytes of the patches as they are sent. */
  readonly bytes: number;
}

/** A tree that owns a copy of `initial`. */
export function plant(initial: object, limits?: Partial<Limits>): StateTree {
  // A copy of an object is one.
  return new StateTree(cloneValue(initial) as ValueObject, limits ? { limits } : {});
}

/**
 * Runs one action on a state, and checks what must hold for any action: the patches turn a replica
 * into the same state, by both ways of applying them; undo gives back what was, redo what came.
 */
export function act(
  initial: object,
  action: (state: Loose) => void,
  limits?: Partial<Limits>,
): Acted {
  const tree = plant(initial, limits);
  const before = canonicalEncode(tree.root);
  const transaction = tree.begin();
  action(transaction.state);
  const patches = transaction.derive();
  const after = canonicalEncode(tree.root);
  const applied: Value = applyPatches(cloneValue(initial), patches);
  expect(canonicalEncode(applied)).toBe(after);
  expect(canonicalEncode(replayPatches(cloneValue(initial), patches))).toBe(after);
  transaction.end();
  transaction.undo();
  expect(canonicalEncode(tree.root)).toBe(before);
  transaction.redo();
  expect(canonicalEncode(tree.root)).toBe(after);
  return {
    patches,
    root: tree.root,
    tree,
    bytes: encodeMessage({ type: "commit", version: 1, mark: "aaaaaa", patches }).length - FRAME,
  };
}

/** Runs an action for what it sees; what it does is taken back. */
export function look<T>(initial: object, action: (state: Loose) => T): T {
  const transaction = plant(initial).begin();
  const seen = action(transaction.state);
  transaction.undo();
  transaction.end();
  return seen;
}

/** An assertion that an assignment is refused with a code and a message, and changes nothing. */
export function refused(
  initial: object,
  action: (state: Loose) => void,
  expected: { readonly code: string; readonly message?: string | RegExp },
  limits?: Partial<Limits>,
): void {
  const tree = plant(initial, limits);
  const before = canonicalEncode(tree.root);
  const transaction = tree.begin();
  expect(() => action(transaction.state)).toThrow(
    expect.objectContaining({
      code: expected.code,
      message: expect.stringMatching(expected.message ?? ""),
    }),
  );
  expect(canonicalEncode(tree.root)).toBe(before);
  transaction.end();
}
