import { describe, expect, test } from "vitest";
import { act, look } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";

describe("a detached node is moved, and its proxies stay live", () => {
  const initial = {
    list: [{ id: 1 }, { id: 2 }, { id: 3 }],
    a: { id: 4, inner: { n: 1 } },
    map: new Map([["k", { id: 5 }]]),
  };
  const ways: Record<string, (state: Loose) => Loose> = {
    shift: (state) => state.list.shift(),
    pop: (state) => state.list.pop(),
    splice: (state) => state.list.splice(1, 1)[0],
    "length = 0": (state) => {
      const item = state.list[1];
      state.list.length = 0;
      return item;
    },
    delete: (state) => {
      const { a } = state;
      delete state.a;
      return a;
    },
    overwrite: (state) => {
      const { a } = state;
      state.a = null;
      return a;
    },
    "Map delete": (state) => {
      const item = state.map.get("k");
      state.map.delete("k");
      return item;
    },
    "Map clear": (state) => {
      const item = state.map.get("k");
      state.map.clear();
      return item;
    },
    filter: (state) => {
      const item = state.list[1];
      state.list = state.list.filter((other: Loose) => other !== item);
      return item;
    },
    "part of a detached one": (state) => {
      const { inner } = state.a;
      delete state.a;
      return inner;
    },
  };
  const homes: Record<string, (state: Loose, node: Loose) => Loose> = {
    field: (state, node) => {
      state.home = node;
      return state.home;
    },
    push: (state, node) => state.list[state.list.push(node) - 1],
    unshift: (state, node) => {
      state.list.unshift(node);
      return state.list[0];
    },
    "item of an array": (state, node) => {
      state.list[0] = node;
      return state.list[0];
    },
    "Map entry": (state, node) => state.map.set("home", node).get("home"),
    "inside a plain value": (state, node) => {
      state.home = { deep: [node] };
      return state.home.deep[0];
    },
  };

  for (const [way, detach] of Object.entries(ways)) {
    for (const [home, put] of Object.entries(homes)) {
      test(`${way}, then ${home}`, () => {
        act(initial, (state) => {
          const node = detach(state);
          node.before = 1;
          expect(put(state, node)).toBe(node);
          node.after = 2;
          expect(JSON.stringify(state) + JSON.stringify([...state.map])).toContain(
            '"before":1,"after":2',
          );
          // Now that it stands in the tree, it is copied like any other.
          state.copy = node;
          expect(state.copy).not.toBe(node);
        });
      });
    }
  }

  test("but only once: the second place gets a copy", () => {
    const { root } = act(initial, (state) => {
      const node = state.list.shift();
      state.list.push(node, node, { node });
      node.id = 99;
    });
    expect(root.list.slice(2)).toEqual([{ id: 99 }, { id: 1 }, { node: { id: 1 } }]);
  });

  test("but not into itself", () => {
    const { root } = act(initial, (state) => {
      const { a } = state;
      delete state.a;
      a.inner.self = a;
      a.self = a;
      state.a = a;
    });
    expect(root.a.inner.self).toEqual({ id: 4, inner: { n: 1 } });
    expect(root.a.self.inner.self).toEqual({ id: 4, inner: { n: 1 } });
  });

  test("and what a detached part still holds of it becomes a copy when the part comes back", () => {
    const { root } = act(initial, (state) => {
      const old = state.list;
      const [first] = old;
      state.list = old.filter((item: Loose) => item !== first);
      expect(old.length).toBe(3);
      expect(old[0]).toBe(first);
      state.other = first;
      state.archive = old;
      expect(state.archive).toBe(old);
      expect(old[0]).not.toBe(first);
      first.id = 10;
      state.list[0].id = 20;
      old[1].id = 30;
    });
    expect(root.other).toEqual({ id: 10 });
    expect(root.list).toEqual([{ id: 20 }, { id: 3 }]);
    expect(root.archive).toEqual([{ id: 1 }, { id: 30 }, { id: 3 }]);
  });

  test("and what a detached part does with it takes nothing away from where it belongs", () => {
    const { root } = act({ list: [{ tags: ["a"] }, { tags: ["b"] }] }, (state) => {
      const old = state.list;
      const [first] = old;
      state.list = [...old];
      // The old array still holds the item, but it stands in the new one.
      old[0] = { ...first };
      old[0].tags.push("only in the old one");
      first.tags.push("c");
    });
    expect(root.list[0]).toEqual({ tags: ["a", "c"] });
  });

  test("and in a detached array that got it twice, too", () => {
    const { root } = act({ lists: [[{ n: 1 }, { n: 2 }]] }, (state) => {
      const list = state.lists.pop();
      list[0] = list[1];
      list.push(list[1]);
      state.lists.push(list);
      list[0].n = 10;
      list[1].n = 20;
      list[2].n = 30;
    });
    expect(root.lists).toEqual([[{ n: 10 }, { n: 20 }, { n: 30 }]]);
  });
});

describe("an array assigned over an array", () => {
  const initial = { list: [{ id: 1 }, { id: 2 }, { id: 3 }] };

  test("keeps the items that it takes over, and their proxies", () => {
    act(initial, (state) => {
      const [one, two, three] = state.list;
      state.list = [three, { id: 9 }, one];
      expect(state.list[0]).toBe(three);
      expect(state.list[2]).toBe(one);
      three.id = 30;
      expect(state.list[0].id).toBe(30);
      state.list.push(two);
      expect(state.list[3]).toBe(two);
    });
  });

  test("leaves the old one as it was, for who holds it", () => {
    look(initial, (state) => {
      const old = state.list;
      state.list = old.filter((item: Loose) => item.id > 1);
      expect(old.length - state.list.length).toBe(1);
      expect(old.map((item: Loose) => item.id)).toEqual([1, 2, 3]);
    });
  });

  test("takes an item over once", () => {
    const { root } = act(initial, (state) => {
      const [one] = state.list;
      state.list = [one, one, [one]];
      one.id = 10;
    });
    expect(root.list).toEqual([{ id: 10 }, { id: 1 }, [{ id: 1 }]]);
  });

  test("works the same in objects and Maps", () => {
    const { root } = act(
      { a: { x: { n: 1 }, y: { n: 2 } }, map: new Map([["k", { n: 3 }]]) },
      (state) => {
        const { x, y } = state.a;
        const value = state.map.get("k");
        state.a = { ...state.a, x: y, z: 1 };
        state.map = new Map([...state.map, ["l", 1]]);
        expect(state.a.x).toBe(y);
        expect(state.map.get("k")).toBe(value);
        y.n = 20;
        value.n = 30;
        x.n = 10;
        expect(state.a.y.n).toBe(2);
      },
    );
    expect(root).toEqual({
      a: { x: { n: 20 }, y: { n: 2 }, z: 1 },
      map: new Map<string, unknown>([
        ["k", { n: 30 }],
        ["l", 1],
      ]),
    });
  });
});
