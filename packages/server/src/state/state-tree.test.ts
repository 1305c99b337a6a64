import { canonicalEncode, HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { act, plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { StateTree } from "./state-tree.ts";
import { unwrap } from "./unwrap.ts";

describe("transactions", () => {
  test("the example of the documentation", () => {
    const tree = new StateTree({ count: 0 });
    const transaction = tree.begin();
    const state = transaction.state as { count: number };
    state.count++;
    expect(transaction.derive()).toEqual([{ op: "replace", path: ["count"], value: 1 }]);
    transaction.end();
    expect(tree.root).toEqual({ count: 1 });
  });

  test("[G4] what was undone has left no trace, whatever it did", () => {
    const tree = plant({
      list: [{ n: 1 }, { n: 2 }, { n: 3 }],
      map: new Map<unknown, unknown>([
        ["a", 1],
        ["b", { n: 2 }],
        ["c", 3],
      ]),
      set: new Set([1, 2, 3]),
      due: new Date(5),
      text: "x",
    });
    const before = canonicalEncode(tree.root);
    const nodes = [tree.root["list"], tree.root["map"], (tree.root["list"] as Loose)[1]];
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    state.list.sort((one: Loose, other: Loose) => other.n - one.n);
    state.list.splice(1, 1, { n: 9 }, { n: 8 });
    state.list = state.list.filter((item: Loose) => item.n !== 8);
    state.map.delete("a");
    state.map.get("b").n++;
    state.map.set("a", state.list.shift());
    state.map.delete("c");
    state.set.delete(2);
    state.set.add(2);
    state.set.clear();
    state.due.setTime(7);
    state.text += "y";
    delete state.text;
    state.fresh = { deep: [state.list] };
    transaction.derive();
    transaction.undo();
    transaction.end();
    expect(canonicalEncode(tree.root)).toBe(before);
    expect([tree.root["list"], tree.root["map"], (tree.root["list"] as Loose)[1]]).toEqual(nodes);
    expect(tree.root["list"]).toBe(nodes[0]);
    expect((tree.root["list"] as Loose)[1]).toBe(nodes[2]);
    expect(tree.begin().derive()).toEqual([]);
  });

  test("[G4] transactions of a batch stack, are undone last first, and can be made again", () => {
    const tree = plant({ list: [1], map: new Map([["a", 1]]) });
    const texts = [canonicalEncode(tree.root)];
    const transactions = [1, 2, 3, 4].map((n) => {
      const transaction = tree.begin();
      const state: Loose = transaction.state;
      state.list.unshift(n);
      state.map.delete("a");
      state.map.set("a", n).set(n, "x");
      expect(transaction.derive().length).toBeGreaterThan(0);
      texts.push(canonicalEncode(tree.root));
      return transaction;
    });
    for (let round = 0; round < 2; round++) {
      for (const [at, transaction] of [...transactions.entries()].reverse()) {
        transaction.undo();
        expect(canonicalEncode(tree.root)).toBe(texts[at]);
      }
      for (const [at, transaction] of transactions.entries()) {
        transaction.redo();
        expect(canonicalEncode(tree.root)).toBe(texts[at + 1]);
      }
    }
  });

  test("are not undone, made again or derived out of order", () => {
    const tree = plant({ n: 0 });
    const first = tree.begin();
    const second = tree.begin();
    expect(() => first.undo()).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    expect(() => first.derive()).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    expect(() => second.redo()).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    second.undo();
    expect(() => second.undo()).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    first.undo();
    expect(() => second.redo()).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    first.redo();
    second.redo();
  });

  test("can be continued after redo", () => {
    const tree = plant({ n: 0 });
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    state.n = 1;
    transaction.undo();
    transaction.redo();
    state.n = 2;
    expect(transaction.derive()).toEqual([{ op: "replace", path: ["n"], value: 2 }]);
  });
});

describe("ended state", () => {
  const touches: Record<string, (held: Loose) => unknown> = {
    read: ({ state }) => state.a,
    write: ({ state }) => (state.a = 1),
    delete: ({ state }) => delete state.a,
    "list keys": ({ state }) => Object.keys(state),
    ask: ({ state }) => "a" in state,
    spread: ({ state }) => ({ ...state }),
    stringify: ({ state }) => JSON.stringify(state),
    define: ({ state }) => Object.defineProperty(state, "a", { value: 1 }),
    "read an item": ({ list }) => list[0],
    "write an item": ({ list }) => (list[0] = 1),
    "cut short": ({ list }) => (list.length = 0),
    "call a method": ({ list }) => list.push(1),
    iterate: ({ list }) => [...list],
    "go on iterating": ({ items }) => items.next(),
    "go on iterating keys": ({ keys }) => keys.next(),
    "get from a Map": ({ map }) => map.get("a"),
    "size of a Map": ({ map }) => map.size,
    "go on iterating a Map": ({ entries }) => entries.next(),
    "add to a Set": ({ set }) => set.add(1),
    unwrap: ({ state }) => unwrap(state),
  };

  function hold(): Loose {
    const tree = plant({ a: { b: 1 }, list: [1, 2], map: new Map([["a", 1]]), set: new Set([1]) });
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    const { list, map, set } = state;
    const held = {
      state,
      list,
      map,
      set,
      items: list.values(),
      keys: list.keys(),
      entries: map.entries(),
    };
    return { tree, transaction, held };
  }

  for (const [name, touch] of Object.entries(touches)) {
    test(`throws ENDED at any touch, with what to do: ${name}`, () => {
      const { transaction, held } = hold();
      transaction.end();
      expect(() => touch(held)).toThrow(
        expect.objectContaining({ code: "ENDED", message: expect.stringContaining("unwrap(") }),
      );
    });
  }

  test("is that of an undone transaction, and of one that another followed", () => {
    const undone = hold();
    undone.transaction.undo();
    expect(() => undone.held.state.a).toThrow(expect.objectContaining({ code: "ENDED" }));
    const followed = hold();
    followed.tree.begin();
    expect(() => followed.held.state.a).toThrow(expect.objectContaining({ code: "ENDED" }));
  });

  test("cannot be assigned to the state of the next action", () => {
    const { tree, transaction, held } = hold();
    transaction.end();
    const next: Loose = tree.begin().state;
    expect(() => (next.copy = held.list)).toThrow(expect.objectContaining({ code: "ENDED" }));
    expect(() => (next.copy = { deep: [held.list] })).toThrow(
      expect.objectContaining({ code: "ENDED" }),
    );
  });
});

describe("[G14] limits", () => {
  test("an action that writes too often is stopped, and undone like any other", () => {
    const tree = plant({ n: 0, list: [] }, { writesPerAction: 10 });
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    expect(() => {
      for (;;) state.list.push(state.n++);
    }).toThrow(expect.objectContaining({ code: "TOO_MANY_WRITES" }));
    transaction.undo();
    expect(tree.root).toEqual({ n: 0, list: [] });
  });

  test("an action that swallows that error is refused all the same", () => {
    const tree = plant({ n: 0 }, { writesPerAction: 3 });
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    try {
      for (;;) state.n++;
    } catch {
      // As a careless handler would.
    }
    expect(() => transaction.derive()).toThrow(
      expect.objectContaining({ code: "TOO_MANY_WRITES" }),
    );
    transaction.undo();
    expect(tree.root).toEqual({ n: 0 });
  });
});

describe("[G4] a runaway recursion", () => {
  const initial = {
    n: 0,
    list: Array.from({ length: 20 }, (_, id) => ({ id })),
    map: new Map(Array.from({ length: 20 }, (_, id) => [id, { id }])),
    set: new Set([1, 2, 3, 4, 5, 6]),
  };
  const runaways: Record<string, (state: Loose, depth: number) => void> = {
    fields: (state) => state.n++,
    "new fields": (state, depth) => (state[`key${depth}`] = { depth }),
    splices: (state, depth) => {
      const [item] = state.list.splice(depth % 20, 1);
      state.list.splice((depth * 7) % 20, 0, item);
    },
    shifts: (state) => state.list.push(state.list.shift()),
    sorts: (state, depth) =>
      state.list.sort((one: Loose, other: Loose) => (one.id - other.id) * (depth % 2 || -1)),
    filters: (state, depth) =>
      (state.list = state.list
        .filter((_: Loose, at: number) => at !== depth % 20)
        .concat({ depth })),
    "Map entries": (state, depth) => {
      const item = state.map.get(depth % 20);
      state.map.delete(depth % 20);
      state.map.set(depth % 20, item ?? { depth });
    },
    "Map moves": (state, depth) => state.map.set(depth % 20, state.list[depth % state.list.length]),
    "Set members": (state, depth) => {
      state.set.delete(depth % 7);
      state.set.add((depth * 3) % 7);
    },
  };

  for (const [name, step] of Object.entries(runaways)) {
    test(`that overflows the stack inside the tracker is undone: ${name}`, () => {
      const tree = plant(initial);
      const before = canonicalEncode(tree.root);
      const transaction = tree.begin();
      const recurse = (depth: number): void => {
        step(transaction.state, depth);
        recurse(depth + 1);
      };
      // Padding moves the overflow to other instructions of the same code.
      const pad = (frames: number, depth: number): void =>
        frames === 0 ? recurse(depth) : pad(frames - 1, depth);
      let error: unknown;
      for (let frames = 0; frames < 3; frames++) {
        try {
          pad(frames, frames);
        } catch (caught) {
          error = caught;
        }
      }
      const isExpected = error instanceof RangeError || error instanceof HoldfastError;
      expect(isExpected).toBe(true);
      transaction.undo();
      transaction.end();
      expect(canonicalEncode(tree.root)).toBe(before);
      // The bookkeeping is whole as well: the next action works as on a fresh tree.
      const next = act(tree.root, (state) => {
        state.map.get(3).id = "x";
        state.list.at(-1).id = "y";
      });
      const again = tree.begin();
      const state: Loose = again.state;
      state.map.get(3).id = "x";
      state.list.at(-1).id = "y";
      expect(again.derive()).toEqual(next.patches);
    });
  }
});
