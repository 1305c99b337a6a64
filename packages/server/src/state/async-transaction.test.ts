import { applyPatches } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import type { StateTree } from "./state-tree.ts";

const CONFLICT = expect.objectContaining({ code: "CONFLICT" });

/** An asynchronous transaction, with how often it has told of a first write. */
function open(tree: StateTree, serializable = false) {
  let first = 0;
  const transaction = tree.beginAsync({ serializable, onFirstWrite: () => first++ });
  // True for a test: the state is what was planted.
  const state: Loose = transaction.state;
  return { transaction, state, firstWrites: () => first };
}

/** What another action does meanwhile, and commits. */
function others(tree: StateTree, change: (state: Loose) => void) {
  const transaction = tree.begin();
  change(transaction.state);
  const patches = transaction.derive();
  transaction.end();
  return patches;
}

describe("[G5] isolation", () => {
  test("its writes are seen by itself and by nobody else until they are published", () => {
    const tree = plant({ n: 0, list: [1] });
    const { transaction, state } = open(tree);
    state.n = 1;
    state.list.push(2);
    expect(tree.committed()).toEqual({ n: 0, list: [1] });
    expect(state.n).toBe(1);
    others(tree, (other) => {
      expect(other.n).toBe(0);
      expect([...other.list]).toEqual([1]);
    });
    expect([...state.list]).toEqual([1, 2]);
    expect(applyPatches({ n: 0, list: [1] }, transaction.derive())).toEqual({ n: 1, list: [1, 2] });
    transaction.publish();
    expect(tree.committed()).toEqual({ n: 1, list: [1, 2] });
    transaction.end();
    expect(() => state.n).toThrow(expect.objectContaining({ code: "ENDED" }));
  });

  test("the lost update through a local variable is a conflict at the write", () => {
    const tree = plant({ n: 0 });
    const { transaction, state } = open(tree);
    const { n } = state;
    others(tree, (other) => (other.n = 1));
    expect(() => (state.n = n + 1)).toThrow(CONFLICT);
    expect(() => transaction.derive()).toThrow(CONFLICT);
    expect(() => transaction.publish()).toThrow(CONFLICT);
    transaction.end();
    expect(tree.committed()).toEqual({ n: 1 });
  });

  test("reading afresh after an await is no conflict", () => {
    const tree = plant({ n: 0 });
    const { transaction, state } = open(tree);
    void state.n;
    others(tree, (other) => (other.n = 5));
    state.n += 1;
    expect(transaction.derive()).toEqual([{ op: "replace", path: ["n"], value: 6 }]);
  });

  test("two blind pushes follow each other in the order of their commits", () => {
    const tree = plant({ list: [0] });
    const one = open(tree);
    const two = open(tree);
    one.state.list.push("one");
    two.state.list.push("two");
    one.state.list.push("one more");
    two.transaction.derive();
    two.transaction.publish();
    others(tree, (other) => other.list.unshift("front"));
    expect(one.transaction.derive()).toEqual([
      { op: "splice", path: ["list"], index: 3, remove: 0, value: ["one", "one more"] },
    ]);
    one.transaction.publish();
    expect(tree.committed()).toEqual({ list: ["front", 0, "two", "one", "one more"] });
  });
});
