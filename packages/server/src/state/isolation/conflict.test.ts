import { describe, expect, test } from "vitest";
import { plant } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { begin, commit, CONFLICT, others } from "../overlap.fixture.ts";
import { unwrap } from "../unwrap.ts";

/** State with a place of each kind, and what a handler reads of it before its await. */
const initial = () => ({
  n: 0,
  deep: { x: { n: 0 } },
  list: [1, 2, 3],
  items: [
    { id: 1, n: 0 },
    { id: 2, n: 0 },
  ],
  map: new Map<string, Loose>([["a", 0]]),
  set: new Set(["a"]),
  due: new Date(0),
});

interface Race {
  readonly read: (state: Loose) => Loose;
  readonly meanwhile: (state: Loose) => void;
  readonly write: (state: Loose, known: Loose) => void;
}

function race({ read, meanwhile, write }: Race): () => void {
  const tree = plant(initial());
  const handler = begin(tree);
  const known = read(handler.state);
  others(tree, meanwhile);
  return () => {
    write(handler.state, known);
    commit(handler);
  };
}

describe("[G5] a lost update is a CONFLICT", () => {
  const lost: Record<string, Race> = {
    "of a field": {
      read: (state) => state.n,
      meanwhile: (state) => state.n++,
      write: (state, n) => (state.n = n + 1),
    },
    "of the value that others have written too": {
      read: (state) => state.n,
      meanwhile: (state) => (state.n = 1),
      write: (state, n) => (state.n = n + 1),
    },
    "of a field deep inside": {
      read: (state) => state.deep.x.n,
      meanwhile: (state) => state.deep.x.n++,
      write: (state, n) => (state.deep.x.n = n + 1),
    },
    "of a field that others have removed": {
      read: (state) => state.n,
      meanwhile: (state) => delete state.n,
      write: (state, n) => (state.n = n + 1),
    },
    "of a field that was asked for by `in`": {
      read: (state) => "fresh" in state,
      meanwhile: (state) => (state.fresh = 1),
      write: (state, isThere) => isThere || (state.fresh = 0),
    },
    "of a field that was listed": {
      read: (state) => Object.keys(state.deep),
      meanwhile: (state) => (state.deep.y = 1),
      write: (state, keys) => keys.includes("y") || (state.deep.y = 0),
    },
    "of a field that was copied": {
      read: (state) => unwrap(state.deep),
      meanwhile: (state) => state.deep.x.n++,
      write: (state, deep) => (state.deep.x.n = deep.x.n + 1),
    },
    "of a field in an object that others have replaced": {
      read: (state) => state.deep.x.n,
      meanwhile: (state) => (state.deep = { x: { n: state.deep.x.n + 1 } }),
      write: (state, n) => (state.deep.x.n = n + 1),
    },
    "of a field in a copied object that others have replaced": {
      read: (state) => unwrap(state).deep.x.n,
      meanwhile: (state) => (state.deep = { x: { n: 1 } }),
      write: (state, n) => (state.deep.x.n = n + 1),
    },
    "of a field in an object that others have replaced twice": {
      read: (state) => state.deep.x.n,
      meanwhile: (state) => {
        state.deep.x = { n: 1 };
        state.deep = { x: { n: 2 } };
      },
      write: (state, n) => (state.deep.x.n = n + 1),
    },
    "of a Map's entry": {
      read: (state) => state.map.get("a"),
      meanwhile: (state) => state.map.set("a", 1),
      write: (state, n) => state.map.set("a", n + 1),
    },
    "of an entry that was asked for": {
      read: (state) => state.map.has("b"),
      meanwhile: (state) => state.map.set("b", 1),
      write: (state, has) => has || state.map.set("b", 0),
    },
    "of an entry that was iterated over": {
      read: (state) => [...state.map],
      meanwhile: (state) => state.map.set("a", 1),
      write: (state, [[, n]]) => state.map.set("a", n + 1),
    },
    "of a Map that is cleared": {
      read: (state) => state.map.size,
      meanwhile: (state) => state.map.set("b", 1),
      write: (state, size) => size === 1 && state.map.clear(),
    },
    "of a Set's member": {
      read: (state) => state.set.has("b"),
      meanwhile: (state) => state.set.add("b"),
      write: (state, has) => has || state.set.delete("b"),
    },
    "of an array that was measured before something is put in front": {
      read: (state) => state.list.length,
      meanwhile: (state) => state.list.pop(),
      write: (state) => state.list.unshift(0),
    },
    "of an item by its index": {
      read: (state) => state.list[1],
      meanwhile: (state) => (state.list[1] = 9),
      write: (state, item) => (state.list[1] = item + 1),
    },
    "of an item whose index has moved": {
      read: (state) => state.list.indexOf(3),
      meanwhile: (state) => state.list.unshift(0),
      write: (state, index) => (state.list[index] = 30),
    },
    "of an array that is spliced": {
      read: (state) => state.list.indexOf(3),
      meanwhile: (state) => state.list.shift(),
      write: (state, index) => state.list.splice(index, 1),
    },
    "of an array that was looked at before a push": {
      read: (state) => state.list.includes(4),
      meanwhile: (state) => state.list.push(4),
      write: (state, has) => has || state.list.push(4),
    },
    "of an array that is filtered": {
      read: (state) => state.list.filter((item: number) => item !== 1),
      meanwhile: (state) => state.list.push(4),
      write: (state, list) => (state.list = list),
    },
    "of an array that others have filtered": {
      read: (state) => state.list.indexOf(3),
      meanwhile: (state) => (state.list = state.list.filter((item: number) => item !== 1)),
      write: (state, index) => state.list.splice(index, 1),
    },
    "of a list that is made anew with a new item in it": {
      read: (state) =>
        state.items.map((item: Loose) => (item.id === 1 ? { ...item, done: true } : item)),
      meanwhile: (state) => state.items[0].n++,
      write: (state, items) => (state.items = items),
    },
    "of an item that is removed after it was read": {
      read: (state) => state.items[0].n,
      meanwhile: (state) => state.items[0].n++,
      write: (state, n) => n === 0 && state.items.splice(0, 1),
    },
    "of an object that is deleted after it was read": {
      read: (state) => state.deep.x.n,
      meanwhile: (state) => state.deep.x.n++,
      write: (state, n) => n === 0 && delete state.deep,
    },
    "of an item that is removed with a new list that it was moved into": {
      read: (state) => state.items[1].n,
      meanwhile: (state) => state.items[1].n++,
      write: (state, n) => {
        delete state.deep;
        state.items = state.items.filter(({ id }: Loose) => id !== 1);
        return n === 0 && delete state.items;
      },
    },
    "of a Date": {
      read: (state) => state.due,
      meanwhile: (state) => (state.due = new Date(5)),
      write: (_, due) => due.setTime(due.getTime() + 1),
    },
    "of a node that others have removed": {
      read: (state) => state.items[0],
      meanwhile: (state) => state.items.shift(),
      write: (_, item) => (item.n = 1),
    },
    "of a node below one that others have removed": {
      read: (state) => state.deep.x,
      meanwhile: (state) => delete state.deep,
      write: (_, x) => (x.n = 1),
    },
  };

  for (const [name, one] of Object.entries(lost)) {
    test(name, () => expect(race(one)).toThrow(CONFLICT));
  }
});

describe("is no conflict", () => {
  const fine: Record<string, Race> = {
    "a field that is read afresh": {
      read: (state) => state.n,
      meanwhile: (state) => (state.n = 5),
      write: (state) => (state.n += 1),
    },
    "a field that is written blindly": {
      read: () => undefined,
      meanwhile: (state) => (state.n = 5),
      write: (state) => (state.n = 1),
    },
    "a value that others have changed and put back": {
      read: (state) => state.n,
      meanwhile: (state) => {
        state.n = 5;
        state.n = 0;
      },
      write: (state, n) => (state.n = n + 1),
    },
    "a field beside one that others write": {
      read: (state) => [state.n, state.deep.x.n],
      meanwhile: (state) => state.n++,
      write: (state, [, n]) => (state.deep.x.n = n + 1),
    },
    "an entry beside one that others add": {
      read: (state) => state.map.get("a"),
      meanwhile: (state) => state.map.set("b", 1),
      write: (state, n) => state.map.set("a", n + 1),
    },
    "an item that others have added items behind": {
      read: (state) => state.list.indexOf(2),
      meanwhile: (state) => state.list.push(4),
      write: (state, index) => (state.list[index] = 20),
    },
    "a field of an item that others have moved": {
      read: (state) => state.items[1],
      meanwhile: (state) => state.items.reverse(),
      write: (_, item) => (item.n = 1),
    },
    "a field of an item in a list that others have filtered": {
      read: (state) => state.items[1],
      meanwhile: (state) => (state.items = state.items.filter((item: Loose) => item.id === 2)),
      write: (_, item) => (item.n += 1),
    },
    "a field in a replaced object, which has the value that was read": {
      read: (state) => state.deep.x.n,
      meanwhile: (state) => (state.deep = { x: { n: 0 }, y: 1 }),
      write: (state, n) => (state.deep.x.n = n + 1),
    },
    "a removal of what was not looked into": {
      read: () => undefined,
      meanwhile: (state) => state.deep.x.n++,
      write: (state) => delete state.deep,
    },
    "a Date that others have replaced by an equal one": {
      read: (state) => state.due,
      meanwhile: (state) => (state.due = new Date(0)),
      write: (_, due) => due.setTime(1),
    },
    "an array that is read only": {
      read: (state) => state.list.length,
      meanwhile: (state) => state.list.push(4),
      write: (state, length) => (state.n = length),
    },
  };

  for (const [name, one] of Object.entries(fine)) {
    test(name, () => expect(race(one)).not.toThrow());
  }
});

describe("[G5] at the commit, a place that it wrote and others have changed since is a CONFLICT", () => {
  const places: Record<string, [write: (state: Loose) => void, meanwhile: (state: Loose) => void]> =
    {
      "a field": [(state) => (state.n = 5), (state) => (state.n = 6)],
      "a field set to what it was": [(state) => (state.n = 0), (state) => (state.n = 6)],
      "an entry deleted that was not there": [
        (state) => state.map.delete("b"),
        (state) => state.map.set("b", 1),
      ],
      "a member added that was there": [
        (state) => state.set.add("a"),
        (state) => state.set.delete("a"),
      ],
      "an array sorted that was in order": [
        (state) => state.list.sort(),
        (state) => state.list.unshift(9),
      ],
      "a Map cleared that was empty": [
        (state) => {
          state.map.clear();
          state.map.clear();
        },
        (state) => state.map.set("b", 1),
      ],
      "an array": [(state) => state.list.shift(), (state) => state.list.push(4)],
      "an item": [(state) => (state.list[0] = 5), (state) => (state.list[0] = 6)],
      "what is in a part that it has removed": [
        (state) => delete state.deep,
        (state) => (state.deep.x.n = 6),
      ],
      "a node that it wrote into and others remove": [
        (state) => (state.deep.x.n = 5),
        (state) => delete state.deep,
      ],
      "a node that it has moved and others remove": [
        (state) => state.list.push(state.items.shift().id),
        (state) => state.items.shift(),
      ],
      "a Date": [(state) => (state.due = new Date(5)), (state) => state.due.setTime(6)],
    };

  for (const [name, [write, meanwhile]] of Object.entries(places)) {
    test(name, () => {
      const tree = plant(initial());
      const handler = begin(tree);
      write(handler.state);
      others(tree, meanwhile);
      const after = unwrap(tree.committed());
      expect(() => commit(handler)).toThrow(CONFLICT);
      handler.transaction.end();
      expect(tree.committed()).toEqual(after);
    });
  }

  test("until then it sees what it wrote", () => {
    const tree = plant(initial());
    const { state, transaction } = begin(tree);
    state.n = 5;
    state.map.set("a", 5);
    state.deep.x = { n: 5 };
    others(tree, (now) => (now.n = 6));
    expect([state.n, state.map.get("a"), state.deep.x.n]).toEqual([5, 5, 5]);
    state.n = 7;
    expect(state.n).toBe(7);
    expect(tree.committed()).toMatchObject({ n: 6, deep: { x: { n: 0 } } });
    expect(state.n).toBe(7);
    expect(() => transaction.derive()).toThrow(CONFLICT);
  });

  test("a part that another handler publishes counts like any commit, one that it throws away does not", () => {
    const tree = plant(initial());
    const one = begin(tree);
    const two = begin(tree);
    const three = begin(tree);
    const { n } = one.state;
    two.state.n = 5;
    two.transaction.rollback();
    one.state.deep.x.n = n + 1;
    commit(one);
    three.state.n = 6;
    commit(three);
    two.state.deep.x.n = 9;
    void one.state.n;
    others(tree, (state) => (state.n = 7));
    expect(() => (one.state.n = 1)).toThrow(CONFLICT);
    expect(commit(two)).toEqual([{ op: "replace", path: ["deep", "x", "n"], value: 9 }]);
  });

  test("[G5] a sort that finds all in order has looked at the list, whatever it writes back before", () => {
    const tree = plant(initial());
    const handler = begin(tree);
    handler.state.due.setTime(5);
    handler.state.list.sort();
    others(tree, (state) => state.list.push(0));
    expect(() => commit(handler)).toThrow(CONFLICT);
  });

  test("a node that somebody else has removed is copied when it is put back", () => {
    const tree = plant(initial());
    const one = begin(tree);
    const two = begin(tree);
    const held = one.state.items[0];
    const too = two.state.items[0];
    others(tree, (state) => state.items.shift());
    one.state.back = held;
    two.state.again = too;
    commit(one);
    commit(two);
    others(tree, (state) => (state.back.n = 1));
    expect(tree.committed()).toMatchObject({ back: { id: 1, n: 1 }, again: { id: 1, n: 0 } });
  });

  test("the error names the place, the cause and what to do", () => {
    const tree = plant({ carts: { ann: { items: 1 } } });
    const { state } = begin(tree);
    const { items } = state.carts.ann;
    others(tree, (now) => now.carts.ann.items++);
    expect(() => (state.carts.ann.items = items + 1)).toThrow(
      /^state\.carts\.ann\.items was changed by another action after this one had read it.*run it again.*read state after the last await/,
    );
  });
});
