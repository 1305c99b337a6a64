import { describe, expect, test, vi } from "vitest";
import { plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { EntryOrder } from "./entry-order.ts";
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

/** How often `work` uses any Map, or goes through the order of one. */
function usesOfMaps(work: () => void): number {
  const methods = ["set", "delete", "clear", "keys", "values", "entries", "forEach"] as const;
  const spies = [
    ...methods.map((name) => vi.spyOn(Map.prototype, name)),
    vi.spyOn(Map.prototype, Symbol.iterator),
    vi.spyOn(EntryOrder.prototype, "keys"),
    vi.spyOn(EntryOrder.prototype, "keysBackward"),
  ];
  work();
  const uses = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return uses;
}

test("[G21] a deletion in a Map of 100,000, its undo and its redo cost that entry and no other", () => {
  const entries = (count: number): [string, number][] =>
    Array.from({ length: count }, (_, index) => [`key ${index}`, index]);
  const deletions = (tree: StateTree): void => {
    const failing = tree.begin();
    (failing.state as Loose).map.delete("key 2");
    failing.undo();
    failing.end();
    const handler = begin(tree);
    handler.state.map.delete("key 3");
    for (let round = 0; round < 3; round++) {
      others(tree, (state) => state.n++);
      void handler.state.n;
    }
    expect(commit(handler)).toEqual([{ op: "remove", path: ["map", "key 3"] }]);
  };
  const uses = [10, 100_000].map((count) => {
    const tree = plant({ map: new Map(entries(count)), n: 0 });
    // What a Map needs to know of its order it is asked once.
    others(tree, ({ map }) => map.delete("key 1"));
    return usesOfMaps(() => deletions(tree));
  });
  expect(uses[0]).toBeLessThan(500);
  expect(uses[1]).toBe(uses[0]);
});

/** What stands in one commit beside each other has no order. */
function sorted(patches: readonly unknown[]): string[] {
  return patches.map((patch) => JSON.stringify(patch)).sort((one, other) => (one < other ? -1 : 1));
}
