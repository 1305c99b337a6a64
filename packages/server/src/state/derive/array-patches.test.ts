import { describe, expect, test } from "vitest";
import type { Patch } from "@holdfast/protocol";
import { act } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { patchesOf, type Todo, todos } from "./todos.fixture.ts";

const LARGE = 20_000;

describe("[G21] a new value made of the old one costs what differs", () => {
  const cases: Record<string, [(list: Loose) => Loose, Patch[]]> = {
    "filter one": [
      (list) => list.filter((todo: Todo) => todo.id !== 500),
      [{ op: "remove", path: ["list", 500] }],
    ],
    "append by spread": [(list) => [...list, 1], [{ op: "add", path: ["list", 1000], value: 1 }]],
    "append by concat": [
      (list) => list.concat([1], [2]),
      [{ op: "splice", path: ["list"], index: 1000, remove: 0, value: [1, 2] }],
    ],
    prepend: [(list) => [1, ...list], [{ op: "add", path: ["list", 0], value: 1 }]],
    "slice to the last hundred": [
      (list) => list.slice(-100),
      [{ op: "splice", path: ["list"], index: 0, remove: 900, value: [] }],
    ],
    "change one by map": [
      (list) => list.map((todo: Todo) => (todo.id === 500 ? { ...todo, done: "x" } : todo)),
      [{ op: "replace", path: ["list", 500, "done"], value: "x" }],
    ],
    "copy each by map": [
      (list) => list.map((todo: Todo) => ({ ...todo, done: todo.id === 7 ? "x" : todo.done })),
      [{ op: "replace", path: ["list", 7, "done"], value: "x" }],
    ],
    "through JSON": [
      (list) => JSON.parse(JSON.stringify(list.with(500, 1))),
      [{ op: "replace", path: ["list", 500], value: 1 }],
    ],
    toSpliced: [
      (list) => list.toSpliced(10, 2, "a", "b", "c"),
      [{ op: "splice", path: ["list"], index: 10, remove: 2, value: ["a", "b", "c"] }],
    ],
    "sorted copy": [
      (list) => list.toSorted((a: Todo, b: Todo) => b.id - a.id),
      [
        {
          op: "order",
          path: ["list"],
          permutation: Array.from({ length: 1000 }, (_, n) => 999 - n),
        },
      ],
    ],
    emptied: [() => [], [{ op: "replace", path: ["list"], value: [] }]],
  };

  for (const [name, [derive, expected]] of Object.entries(cases)) {
    test(`${name}, of a list of objects`, () => {
      const found = patchesOf({ list: todos(1_000) }, (state) => (state.list = derive(state.list)));
      expect(found).toEqual(expected);
    });
  }

  test("filter, sort and append at once", () => {
    const { bytes } = act({ list: todos(1_000) }, (state) => {
      state.list = [
        ...state.list
          .filter((todo: Todo) => todo.id % 100 !== 7)
          .sort((a: Todo, b: Todo) => b.id - a.id),
        { id: -1 },
      ];
      state.list[0].done = "first";
    });
    // Ten removals, an order of 990 and two small changes; the list itself has over 50,000.
    expect(bytes).toBeLessThan(6_000);
  });

  test("0 and -0 are two values, wherever they move", () => {
    const { root } = act({ list: [0, 1, 2], many: [0, -0, 1, 0] }, (state) => {
      state.list = [1, -0, 2];
      state.many = [1, -0, 0, 0];
    });
    expect(root).toEqual({ list: [1, -0, 2], many: [1, -0, 0, 0] });
  });

  test("an item that equals both of its neighbours is counted once", () => {
    for (const items of [[1], [1, 1], [1, 2, 1]]) {
      for (const inserted of [[1, 1], [1], [1, 2, 1, 1]]) {
        const { root } = act({ list: items, other: items }, (state) => {
          state.list.splice(0, 1, ...inserted);
          state.other = [...inserted, ...state.other.slice(1)];
        });
        expect(root.list).toEqual([...inserted, ...items.slice(1)]);
        expect(root.other).toEqual(root.list);
      }
    }
  });

  test("arrays of primitives, objects, Maps and Sets too", () => {
    const initial = {
      tags: Array.from({ length: 500 }, (_, n) => `tag ${n % 50}`),
      settings: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key${n}`, { n }])),
      map: new Map(Array.from({ length: 100 }, (_, n) => [n, { n }])),
      set: new Set(Array.from({ length: 100 }, (_, n) => `member ${n}`)),
    };
    const { patches } = act(initial, (state) => {
      state.tags = state.tags.filter((_: string, at: number) => at !== 3);
      state.settings = { ...state.settings, key5: "changed" };
      state.map = new Map([...state.map].filter(([key]) => key !== 50));
      state.set = new Set([...state.set, "new"]);
    });
    expect(patches).toEqual([
      { op: "remove", path: ["tags", 3] },
      { op: "replace", path: ["settings", "key5"], value: "changed" },
      { op: "remove", path: ["map", 50] },
      { op: "members", path: ["set"], remove: [], value: ["new"] },
    ]);
  });
});

describe("[G21] the cost follows the change, not the state", () => {
  const list = todos(LARGE);
  const map = new Map(todos(LARGE).map((todo) => [`key ${todo.id}`, todo]));

  test("a push is one patch, a splice at the front is one", () => {
    expect(patchesOf({ list }, (state) => state.list.push(1))).toEqual([
      { op: "add", path: ["list", LARGE], value: 1 },
    ]);
    expect(patchesOf({ list }, (state) => state.list.splice(0, 1))).toEqual([
      { op: "remove", path: ["list", 0] },
    ]);
  });

  test("a filter that drops one is one patch", () => {
    const found = patchesOf({ list }, (state) => {
      state.list = state.list.filter((todo: Todo) => todo.id !== 7_000);
    });
    expect(found).toEqual([{ op: "remove", path: ["list", 7_000] }]);
  });

  test("a Map entry deleted in the middle comes back to its place", () => {
    const found = patchesOf({ map }, (state) => {
      for (const id of [10_000, 7, 19_999, 10_001]) state.map.delete(`key ${id}`);
      state.map.set("key 7", "again");
    });
    expect(found).toHaveLength(5);
  });

  test("no derivation looks at much that did not change", () => {
    // A getter on a raw entry would be seen by anything that reads it.
    const { tree } = act(
      { list: todos(1_000), map: new Map([...map].slice(0, 1_000)), n: 0 },
      () => undefined,
    );
    const root: Loose = tree.root;
    let reads = 0;
    const spy = (node: Loose): void => {
      const { title } = node;
      Object.defineProperty(node, "title", {
        enumerable: true,
        configurable: true,
        get: () => (reads++, title),
      });
    };
    for (const todo of root.list) spy(todo);
    for (const todo of root.map.values()) spy(todo);
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    state.n++;
    state.list.push({ id: 1 });
    state.list[500].done = "x";
    state.list.splice(3, 1);
    state.map.delete("key 500");
    state.map.get("key 600").done = "x";
    state.map.set("new", 1);
    state.map.delete("key 999");
    state.map.set("key 999", { id: 1 });
    expect(transaction.derive()).toHaveLength(9);
    // Only to find that the list and the Map are larger than what the patches cost.
    expect(reads).toBeLessThan(20);
  });
});
