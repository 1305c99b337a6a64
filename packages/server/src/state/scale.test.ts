import { describe, expect, test } from "vitest";
import { plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { metaOf } from "./node.ts";
import { begin, commit, others } from "./overlap.fixture.ts";
import type { StateTree } from "./state-tree.ts";

const MANY = 1_000;

function planted(): StateTree {
  const items = Array.from({ length: MANY }, (_, id) => ({ id, done: false, tags: ["a"] }));
  return plant({ items, due: new Date(0), bytes: new Uint8Array([1, 2]), n: 0 });
}

const assignments: Record<string, [change: (state: Loose) => void, patches: unknown[]]> = {
  filter: [
    (state) => (state.items = state.items.filter(({ id }: Loose) => id !== 7)),
    [{ op: "remove", path: ["items", 7] }],
  ],
  map: [
    (state) =>
      (state.items = state.items.map((item: Loose) =>
        item.id === 7 ? { ...item, done: true } : item,
      )),
    [{ op: "replace", path: ["items", 7, "done"], value: true }],
  ],
  sort: [
    (state) => (state.items = [...state.items].sort((one, other) => other.id - one.id)),
    [{ op: "order", path: ["items"], permutation: [...Array(MANY).keys()].reverse() }],
  ],
  "sort that moves one": [
    (state) => {
      const last = state.items[MANY - 1];
      state.items = [...state.items].sort((one, other) => +(other === last) - +(one === last));
    },
    [
      { op: "remove", path: ["items", MANY] },
      {
        op: "add",
        path: ["items", 0],
        value: { id: MANY - 1, done: false, tags: ["a"] },
      },
    ],
  ],
  "spread and one more": [
    (state) => (state.items = [...state.items, 1]),
    [{ op: "add", path: ["items", MANY], value: 1 }],
  ],
};

describe("[G21] an array assigned over its own is reconciled, not sent again:", () => {
  for (const [name, [change, patches]] of Object.entries(assignments)) {
    test(name, () => {
      expect(sorted(others(planted(), change))).toEqual(sorted(patches));
    });

    test(`${name}, by a handler that others have overtaken, and its items stay its items`, () => {
      const tree = planted();
      const handler = begin(tree);
      const held = handler.state.items[500];
      change(handler.state);
      for (let round = 0; round < 3; round++) {
        others(tree, (state) => state.n++);
        void handler.state.n;
      }
      expect(sorted(commit(handler))).toEqual(sorted(patches));
      held.done = true;
      expect(commit(handler)).toMatchObject([{ op: "replace", value: true }]);
    });
  }
});

test("Dates and typed arrays that a handler has changed are written back, whatever others do", () => {
  const tree = planted();
  const handler = begin(tree);
  const { due, bytes } = handler.state;
  others(tree, (state) => state.n++);
  due.setTime(5);
  others(tree, (state) => state.n++);
  bytes[1] = 9;
  expect(commit(handler)).toEqual([
    { op: "replace", path: ["due"], value: new Date(5) },
    { op: "replace", path: ["bytes"], value: new Uint8Array([1, 9]) },
  ]);
});

test("[G21] a node is stamped when it is first touched, and no other with it", () => {
  const tree = planted();
  const { items } = tree.root as Loose;
  others(tree, (state) => (state.items[7].done = true));
  const handler = begin(tree);
  handler.state.items[8].done = true;
  commit(handler);
  const stamped = items.filter((item: object) => metaOf(item) !== undefined);
  expect(stamped).toEqual([items[7], items[8]]);
  expect(metaOf(items[7].tags)).toBe(undefined);
});

/** What stands in one commit beside each other has no order. */
function sorted(patches: readonly unknown[]): string[] {
  return patches.map((patch) => JSON.stringify(patch)).sort((one, other) => (one < other ? -1 : 1));
}
