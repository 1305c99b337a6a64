import { expect, test } from "vitest";
import { plant } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { begin, commit, CONFLICT, others } from "../overlap.fixture.ts";

/** How long the search may take before it counts as endless. */
const PATIENCE_MS = 5_000;

test(
  "a node that is put inside what took its place ends no search",
  () => {
    const tree = plant({ a: { b: { n: 0 } }, n: 0 });
    const handler = begin(tree);
    void handler.state.a.b.n;
    others(tree, (state) => {
      const old = state.a;
      delete state.a;
      state.a = { b: { n: 1 }, old };
    });
    expect(() => (handler.state.a.b.n = 5)).not.toThrow(RangeError);
    handler.transaction.end();
    expect(tree.committed()).toMatchObject({ a: { b: { n: 1 }, old: { b: { n: 0 } } } });
  },
  PATIENCE_MS,
);

test(
  "nor does one that its own handler takes out, and puts back inside what took its place, later",
  () => {
    const tree = plant({ a: { b: { n: 0 } } as Loose, n: 0 });
    const mover = begin(tree);
    const reader = begin(tree);
    const old = mover.state.a;
    mover.state.a = { b: { n: 1 } };
    commit(mover);
    void reader.state.a.b.n;
    mover.state.a.old = old;
    commit(mover);
    others(tree, (state) => (state.a = { b: { n: 2 } }));
    expect(() => (reader.state.a.b.n = 5)).toThrow(CONFLICT);
  },
  PATIENCE_MS,
);

test(
  "two nodes that change places, again and again",
  () => {
    const tree = plant({ a: { n: 0 }, b: { n: 0 } });
    const swapper = begin(tree);
    const reader = begin(tree);
    void reader.state.a.n;
    for (let round = 0; round < 20; round++) {
      const { state } = swapper;
      const { a, b } = state;
      delete state.a;
      delete state.b;
      state.a = b;
      state.b = a;
      commit(swapper);
    }
    others(tree, (state) => (state.a = { n: 1 }));
    expect(() => (reader.state.a.n = 5)).toThrow(CONFLICT);
  },
  PATIENCE_MS,
);

test("a place that is replaced a thousand times is found as it was read", () => {
  const tree = plant({ a: { b: { n: 0 } } });
  const handler = begin(tree);
  const { n } = handler.state.a.b;
  for (let round = 1; round <= 1_000; round++)
    others(tree, (state) => (state.a = { b: { n: round } }));
  expect(() => (handler.state.a.b.n = n + 1)).toThrow(CONFLICT);
});
