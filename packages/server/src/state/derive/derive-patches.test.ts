import { describe, expect, test } from "vitest";
import type { Patch } from "@holdfast/protocol";
import { act } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { patchesOf, todos } from "./todos.fixture.ts";

describe("[G21] patches say what changed, no more", () => {
  const initial = {
    count: 1,
    user: {
      name: "Ann",
      address: { city: "Rome", zip: "00100" },
      note: "a longer note about the user",
    },
    list: todos(20),
    tags: ["a", "b", "c", "d", "e", "f", "g", "h"],
    map: new Map(todos(10).map((todo) => [`key ${todo.id}`, todo])),
    set: new Set(Array.from({ length: 20 }, (_, n) => `member ${n}`)),
    text: "Lorem ipsum dolor sit amet",
  };
  const [one] = todos(1);
  const cases: Record<string, [(state: Loose) => void, Patch[]]> = {
    "a field": [(state) => state.count++, [{ op: "replace", path: ["count"], value: 2 }]],
    "a new field": [
      (state) => (state.fresh = { a: 1 }),
      [{ op: "add", path: ["fresh"], value: { a: 1 } }],
    ],
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
    "a text that grew": [
      (state) => (state.text += "!"),
      [{ op: "append", path: ["text"], value: "!" }],
    ],
    "a text that changed": [
      (state) => (state.text = "Lorem"),
      [{ op: "replace", path: ["text"], value: "Lorem" }],
    ],
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
    unshift: [
      ({ list }) => list.unshift(one),
      [{ op: "add", path: ["list", 0], value: one as never }],
    ],
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
        {
          op: "splice",
          path: ["list"],
          index: 17,
          remove: 0,
          value: [{ id: 100 }, { id: 101 }, { id: 102 }],
        },
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
      [
        {
          op: "order",
          path: ["list"],
          permutation: [1, 2, 3, 4, 5, 0, ...Array.from({ length: 14 }, (_, n) => n + 6)],
        },
      ],
    ],
    "a new Map entry": [
      ({ map }) => map.set("new", 1),
      [{ op: "add", path: ["map", "new"], value: 1 }],
    ],
    "a deleted Map entry": [
      ({ map }) => map.delete("key 3"),
      [{ op: "remove", path: ["map", "key 3"] }],
    ],
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
      [
        {
          op: "members",
          path: ["set"],
          remove: ["member 3", "member 4"],
          value: ["new", "member 4"],
        },
      ],
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
    map: new Map([
      ["a", { n: 1 }],
      ["b", { n: 2 }],
    ]),
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
      state.map = new Map([
        ["a", { n: 1 }],
        ["b", { n: 2 }],
      ]);
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
    expect(
      patchesOf({ n: 0, list: [0, 1] }, (state) => {
        state.n = -0;
        state.list[0] = -0;
      }),
    ).toHaveLength(2);
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
    const initial = {
      map: new Map(todos(1_000).map((todo) => [todo.id, todo])),
      set: new Set(todos(1_000).map(({ id }) => id)),
    };
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
    const { patches } = act(
      initial,
      ({ list }) => {
        for (let at = 0; at < 2_000; at += 4) list[at] = -1;
      },
      limits,
    );
    expect(patches.every(({ path }) => path.length === 2)).toBe(true);
  });
});
