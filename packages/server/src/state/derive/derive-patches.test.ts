import { describe, expect, test } from "vitest";
import type { Patch } from "@holdfast/protocol";
import { act } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";

const LARGE = 20_000;

interface Todo {
  id: number;
  title: string;
  done: boolean;
}

function todos(count: number): Todo[] {
  return Array.from({ length: count }, (_, id) => ({ id, title: `todo number ${id}`, done: id % 2 === 0 }));
}

function patchesOf(initial: object, action: (state: Loose) => void): Patch[] {
  return act(initial, action).patches;
}

describe("[G21] patches say what changed, no more", () => {
  const initial = {
    count: 1,
    user: { name: "Ann", address: { city: "Rome", zip: "00100" }, note: "a longer note about the user" },
    list: todos(20),
    tags: ["a", "b", "c", "d", "e", "f", "g", "h"],
    map: new Map(todos(10).map((todo) => [`key ${todo.id}`, todo])),
    set: new Set(Array.from({ length: 20 }, (_, n) => `member ${n}`)),
    text: "Lorem ipsum dolor sit amet",
  };
  const [one] = todos(1);
  const cases: Record<string, [(state: Loose) => void, Patch[]]> = {
    "a field": [(state) => state.count++, [{ op: "replace", path: ["count"], value: 2 }]],
    "a new field": [(state) => (state.fresh = { a: 1 }), [{ op: "add", path: ["fresh"], value: { a: 1 } }]],
    "a deleted field": [(state) => delete state.text, [{ op: "remove", path: ["text"] }]],
    "a deep field": [
      (state) => (state.user.address.city = "Pisa"),
      [{ op: "replace", path: ["user", "address", "city"], value: "Pisa" }],
    ],
    "a field written often": [
      (state) => {
        for (let n = 0; n < 100; n++) state.count = n;
      },
      [{ op: "replace", path: ["count"], value: 99 }],
    ],
    "a text that grew": [(state) => (state.text += "!"), [{ op: "append", path: ["text"], value: "!" }]],
    "a text that changed": [(state) => (state.text = "Lorem"), [{ op: "replace", path: ["text"], value: "Lorem" }]],
    "a fresh value changed further": [
      (state) => {
        state.fresh = { list: [] };
        state.fresh.list.push({ n: 1 });
        state.fresh.list[0].n++;
      },
      [{ op: "add", path: ["fresh"], value: { list: [{ n: 2 }] } }],
    ],
    "a changed node that was moved": [
      (state) => {
        const todo = state.list.pop();
        todo.title = "moved";
        state.user.todo = todo;
        todo.done = true;
      },
      [
        { op: "remove", path: ["list", 19] },
        { op: "add", path: ["user", "todo"], value: { id: 19, title: "moved", done: true } },
      ],
    ],
    push: [({ list }) => list.push(one), [{ op: "add", path: ["list", 20], value: one as never }]],
    "many pushes": [
      ({ tags }) => ["i", "j", "k"].forEach((tag) => tags.push(tag)),
      [{ op: "splice", path: ["tags"], index: 8, remove: 0, value: ["i", "j", "k"] }],
    ],
    unshift: [({ list }) => list.unshift(one), [{ op: "add", path: ["list", 0], value: one as never }]],
    splice: [
      ({ list }) => list.splice(3, 4),
      [{ op: "splice", path: ["list"], index: 3, remove: 4, value: [] }],
    ],
    "a bounded queue": [
      ({ list }) => {
        for (let n = 0; n < 3; n++) {
          list.push({ id: 100 + n });
          list.shift();
        }
      },
      [
        { op: "splice", path: ["list"], index: 0, remove: 3, value: [] },
        { op: "splice", path: ["list"], index: 17, remove: 0, value: [{ id: 100 }, { id: 101 }, { id: 102 }] },
      ],
    ],
    "an item's field after the items moved": [
      ({ list }) => {
        const last = list[19];
        list.shift();
        last.done = true;
        list.shift();
      },
      [
        { op: "splice", path: ["list"], index: 0, remove: 2, value: [] },
        { op: "replace", path: ["list", 17, "done"], value: true },
      ],
    ],
    sort: [
      ({ tags }) => tags.sort().reverse(),
      [{ op: "order", path: ["tags"], permutation: [7, 6, 5, 4, 3, 2, 1, 0] }],
    ],
    "one item moved": [
      ({ list }) => list.splice(5, 0, ...list.splice(0, 1)),
      [{ op: "order", path: ["list"], permutation: [1, 2, 3, 4, 5, 0, ...Array.from({ length: 14 }, (_, n) => n + 6)] }],
    ],
    "a new Map entry": [({ map }) => map.set("new", 1), [{ op: "add", path: ["map", "new"], value: 1 }]],
    "a deleted Map entry": [({ map }) => map.delete("key 3"), [{ op: "remove", path: ["map", "key 3"] }]],
    "a Map entry moved to the end": [
      ({ map }) => {
        const value = map.get("key 0");
        map.delete("key 0");
        map.set("key 0", value);
      },
      [{ op: "order", path: ["map"], permutation: [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] }],
    ],
    "Set members": [
      ({ set }) => {
        set.delete("member 3");
        set.add("new");
        set.delete("member 4");
        set.add("member 4");
      },
      [{ op: "members", path: ["set"], remove: ["member 3", "member 4"], value: ["new", "member 4"] }],
    ],
  };

  for (const [name, [action, expected]] of Object.entries(cases)) {
    test(name, () => expect(patchesOf(initial, action)).toEqual(expected));
  }

  test("ancestors first, with final paths", () => {
    const patches = patchesOf({ lists: [todos(5), todos(5)] }, ({ lists }) => {
      const last = lists[1][4];
      lists.unshift([]);
      lists[2].shift();
      last.title += " and some more";
    });
    expect(patches).toEqual([
      { op: "add", path: ["lists", 0], value: [] },
      { op: "remove", path: ["lists", 2, 0] },
      { op: "append", path: ["lists", 2, 3, "title"], value: " and some more" },
    ]);
  });
});

describe("[G4] what cancels out is no change", () => {
  const initial = {
    n: 1,
    user: { name: "Ann", tags: ["x"] },
    list: todos(4),
    flat: [1, 1, 1, 2],
    map: new Map([["a", { n: 1 }], ["b", { n: 2 }]]),
    set: new Set([1, 2, 3]),
    due: new Date(0),
  };
  const cases: Record<string, (state: Loose) => void> = {
    nothing: () => undefined,
    "set to what it is": (state) => (state.n = 1),
    "set and set back": (state) => {
      state.n = 5;
      state.n = 1;
    },
    "added and deleted": (state) => {
      state.fresh = { a: [1] };
      state.fresh.a.push(2);
      delete state.fresh;
    },
    "deleted and put back": (state) => {
      const { user } = state;
      delete state.user;
      state.user = user;
    },
    "replaced by an equal value": (state) => {
      state.user = { tags: ["x"], name: "Ann" };
      state.list = todos(4);
      state.map = new Map([["a", { n: 1 }], ["b", { n: 2 }]]);
      state.set = new Set([1, 2, 3]);
      state.due = new Date(0);
    },
    "push and pop": ({ list }) => {
      list.push({});
      list.pop();
    },
    "pop and push": ({ list }) => list.push(list.pop()),
    "shift and unshift": ({ list }) => list.unshift(list.shift()),
    "splice out and in": ({ list }) => list.splice(1, 0, ...list.splice(1, 2)),
    "reverse twice": ({ list }) => list.reverse().reverse(),
    "equal items through the other end": ({ flat }) => {
      flat.pop();
      flat.push(flat.shift());
      flat.push(2);
    },
    "copied over itself": (state) => {
      state.list = [...state.list];
      state.list = state.list.map((item: Loose) => ({ ...item }));
      state.user = { ...state.user };
      state.map = new Map(state.map);
      state.set = new Set(state.set);
    },
    "last Map entry deleted and set again": ({ map }) => {
      const value = map.get("b");
      map.delete("b");
      map.set("b", value);
    },
    "Map emptied and filled": ({ map }) => {
      const entries = [...map];
      map.clear();
      for (const [key, value] of entries) map.set(key, value);
    },
    "last Set members deleted and added again": ({ set }) => {
      set.delete(2);
      set.delete(3);
      set.add(9);
      set.delete(9);
      set.add(2).add(3);
    },
    "a node taken out, changed, changed back and put back": ({ list }) => {
      const item = list.shift();
      item.done = "x";
      list.unshift(item);
      item.done = true;
    },
    "a new node that becomes equal to what it replaced": (state) => {
      state.user = { name: "Bob", tags: [] };
      state.user.name = "Ann";
      state.user.tags.push("x");
    },
  };

  for (const [name, action] of Object.entries(cases)) {
    test(name, () => expect(patchesOf(initial, action)).toEqual([]));
  }

  test("but the order of Maps and Sets is state", () => {
    const patches = patchesOf(initial, ({ map, set }) => {
      const value = map.get("a");
      map.delete("a");
      map.set("a", value);
      set.delete(1);
      set.add(1);
    });
    expect(patches.map(({ path }) => path[0])).toEqual(["map", "set"]);
  });

  test("and -0 is not 0", () => {
    expect(patchesOf({ n: 0, list: [0, 1] }, (state) => {
      state.n = -0;
      state.list[0] = -0;
    })).toHaveLength(2);
  });
});

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
      [{ op: "order", path: ["list"], permutation: Array.from({ length: 1000 }, (_, n) => 999 - n) }],
    ],
    "emptied": [() => [], [{ op: "replace", path: ["list"], value: [] }]],
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
        ...state.list.filter((todo: Todo) => todo.id % 100 !== 7).sort((a: Todo, b: Todo) => b.id - a.id),
        { id: -1 },
      ];
      state.list[0].done = "first";
    });
    // Ten removals, an order of 990 and two small changes; the list itself has over 50,000.
    expect(bytes).toBeLessThan(6_000);
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

describe("[G21] when operations cost more than the value, one replacement", () => {
  test("of the container, at whatever level is cheapest", () => {
    const grid = Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => 0));
    const initial = { grid, other: todos(50) };
    expect(
      patchesOf(initial, (state) => {
        for (const row of state.grid) for (let at = 0; at < 20; at += 2) row[at] = 1;
      }).map(({ op, path }) => [op, ...path]),
    ).toEqual([["replace", "grid"]]);
    expect(
      patchesOf(initial, (state) => {
        for (let at = 0; at < 20; at += 2) state.grid[3][at] = 1;
      }).map(({ op, path }) => [op, ...path]),
    ).toEqual([["replace", "grid", 3]]);
    expect(
      patchesOf({ at: { x: 1, y: 2 }, other: todos(50) }, (state) => {
        state.at.x++;
        state.at.y++;
      }),
    ).toEqual([{ op: "replace", path: ["at"], value: { x: 2, y: 3 } }]);
  });

  test("of a Map or Set that was emptied or mostly changed", () => {
    const initial = { map: new Map(todos(1_000).map((todo) => [todo.id, todo])), set: new Set(todos(1_000).map(({ id }) => id)) };
    expect(
      patchesOf(initial, ({ map, set }) => {
        map.clear();
        for (let id = 0; id < 999; id++) set.delete(id);
      }),
    ).toEqual([
      { op: "replace", path: ["map"], value: new Map() },
      { op: "replace", path: ["set"], value: new Set([999]) },
    ]);
  });

  test("but not where untouched nodes would lose their identity for a few bytes", () => {
    const initial = { n: 1, m: 1, user: { name: "Ann" } };
    expect(
      patchesOf(initial, (state) => {
        state.n++;
        state.m++;
      }),
    ).toHaveLength(2);
  });

  test("but never of a value that is too large to be sent as one", () => {
    const initial = { list: Array.from({ length: 2_000 }, (_, n) => n) };
    const limits = { valueBytes: 8_000 };
    const { patches } = act(initial, ({ list }) => {
      for (let at = 0; at < 2_000; at += 4) list[at] = -1;
    }, limits);
    expect(patches.every(({ path }) => path.length === 2)).toBe(true);
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
    const { tree } = act({ list: todos(1_000), map: new Map([...map].slice(0, 1_000)), n: 0 }, () => undefined);
    const root: Loose = tree.root;
    let reads = 0;
    const spy = (node: Loose): void => {
      const { title } = node;
      Object.defineProperty(node, "title", { enumerable: true, configurable: true, get: () => (reads++, title) });
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
