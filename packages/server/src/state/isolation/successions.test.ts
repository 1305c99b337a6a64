import { expect, test } from "vitest";
import { plant } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { FieldWrite } from "../log/field-write.ts";
import { begin, commit, CONFLICT, others } from "../overlap.fixture.ts";
import { Commits } from "./commits.ts";

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

const ways: Record<string, ((state: Loose) => void)[]> = {
  "deleted, and set again later": [
    (state) => delete state.a.b,
    (state) => (state.n = 1),
    (state) => (state.a.b = { n: 1 }),
  ],
  "set to null, and to an object again later": [
    (state) => (state.a.b = null),
    (state) => (state.a.b = { n: 1 }),
  ],
  "left out when what holds it is replaced, and set again later": [
    (state) => (state.a = {}),
    (state) => (state.a.b = { n: 1 }),
  ],
  "replaced, and what holds it as well": [
    (state) => (state.a.b = { n: 1 }),
    (state) => (state.a = { b: { n: 2 } }),
  ],
  "replaced in a part that is new itself": [
    (state) => {
      state.a = { b: { n: 1 } };
      state.a.b = { n: 2 };
    },
  ],
};

for (const [name, commits] of Object.entries(ways)) {
  test(`[G5] a place that was read is the same place when its object is ${name}`, () => {
    const tree = plant({ a: { b: { n: 0 } }, n: 0 });
    const handler = begin(tree);
    const { n } = handler.state.a.b;
    for (const change of commits) others(tree, change);
    expect(() => (handler.state.a.b.n = n + 1)).toThrow(CONFLICT);
  });
}

test("[G5] an entry of a Map that is cleared and filled again is the same place", () => {
  const tree = plant({ map: new Map([["k", { n: 0 }]]) });
  const handler = begin(tree);
  const { n } = handler.state.map.get("k");
  others(tree, ({ map }) => map.clear());
  others(tree, ({ map }) => map.set("k", { n: 1 }));
  expect(() => (handler.state.map.get("k").n = n + 1)).toThrow(CONFLICT);
});

test("[G14] nothing is remembered of what no open handler can have read", () => {
  const root: Loose = { a: { b: { n: 0 } } };
  const commits = new Commits(root);
  const reader = { since: 0 };
  commits.open(reader);
  const replaced: Loose[] = [];
  for (let round = 0; round < 3; round++) {
    const [before, after] = [root.a, { b: { n: round } }];
    root.a = after;
    replaced.push(after.b);
    commits.record([new FieldWrite(root, "a", before, after)], undefined);
  }
  expect(replaced.map((node) => commits.successions.pastsOf(node).length)).toEqual([1, 2, 3]);
  expect(commits.changeOf(root)?.last).toBe(3);
  reader.since = 2;
  commits.forget();
  expect(replaced.map((node) => commits.successions.pastsOf(node).length)).toEqual([0, 0, 1]);
  commits.close(reader);
  expect(replaced.map((node) => commits.successions.pastsOf(node).length)).toEqual([0, 0, 0]);
  expect(commits.changeOf(root)).toBe(undefined);
});
