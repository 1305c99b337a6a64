import { describe, expect, test } from "vitest";
import { act, look, plant, refused } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { raw } from "./raw.ts";
import { unwrap } from "./unwrap.ts";

describe("[G11] what an action does to a plain value that it has assigned", () => {
  test.each<[string, (state: Loose) => void, object]>([
    ["an array", (state) => (state.groups["a"] ??= []).push(1, 2), { groups: { a: [1, 2] } }],
    ["an object", (state) => ((state.groups["a"] ??= {}).n = 1), { groups: { a: { n: 1 } } }],
    ["a Map", (state) => (state.x ??= new Map()).set("k", [1]), { x: new Map([["k", [1]]]) }],
    ["a Set", (state) => (state.x ??= new Set()).add(1), { x: new Set([1]) }],
    ["a Date", (state) => (state.x ??= new Date(0)).setTime(5), { x: new Date(5) }],
    ["bytes", (state) => ((state.x ??= new Uint8Array(2))[1] = 7), { x: new Uint8Array([0, 7]) }],
    [
      "what it holds",
      (state) => (state.x = { list: [] }).list.push(1 as never),
      { x: { list: [1] } },
    ],
    [
      "an item",
      (state) => {
        const item: Loose = { n: 1 };
        state.list.push(0, item);
        state.list.unshift(-1);
        item.n = 2;
      },
      { list: [-1, 0, { n: 2 }] },
    ],
    [
      "an entry of a Map",
      (state) => {
        const item: Loose = { n: 1 };
        state.map.set(undefined, item);
        item.n = 2;
      },
      { map: new Map([[undefined, { n: 2 }]]) },
    ],
  ])("counts where it is %s", (_, action, expected) => {
    const { root } = act({ groups: {}, list: [], map: new Map() }, action);
    expect(root).toMatchObject(expected);
  });

  test("is seen as soon as the place is read, and the loop that groups works", () => {
    const { root, patches } = act({ groups: {} }, (state) => {
      for (const n of [1, 2, 3, 4, 5]) (state.groups[n % 2] ??= []).push(n);
      expect(state.groups[1].length).toBe(3);
    });
    expect(root.groups).toEqual({ 0: [2, 4], 1: [1, 3, 5] });
    expect(patches).toHaveLength(2);
  });

  test("is seen by whoever looks at all of it", () => {
    const initial = { a: {} };
    const change = (state: Loose): void => void (state.a.list = []).push(1 as never);
    const expected = { a: { list: [1] } };
    const ways: ((state: Loose) => unknown)[] = [
      (state) => JSON.parse(JSON.stringify(state)),
      (state) => unwrap(state),
      (state) => raw(state),
      (state) => ({ a: { ...state.a } }),
      (state) => {
        state.b = state.a;
        return { a: state.b };
      },
    ];
    for (const way of ways) {
      look(initial, (state) => {
        change(state);
        expect(way(state)).toEqual(expected);
      });
    }
  });

  test("no longer counts once the place was read: the state has a copy of its own", () => {
    const { root } = act({ a: 0, list: [] }, (state) => {
      const item: Loose = { n: 1, tags: [] };
      state.a = item;
      state.list.push(item);
      expect(state.a.n).toBe(1);
      item.n = 2;
      // Nobody has looked at these.
      item.tags.push("x");
      expect(state.a.n).toBe(1);
    });
    expect(root).toEqual({ a: { n: 1, tags: ["x"] }, list: [{ n: 2, tags: ["x"] }] });
  });

  test("never reaches beyond the action, nor from one place to the other", () => {
    const shared: Loose = { n: 1 };
    const { root } = act({}, (state) => {
      state.a = shared;
      state.b = shared;
      state.a.n = 5;
    });
    shared.n = 9;
    expect(root).toEqual({ a: { n: 5 }, b: { n: 1 } });
    expect(root.a).not.toBe(shared);
  });

  test("moves what was taken out of the state into it, with the proxies that are held of it", () => {
    const { root } = act({ list: [{ n: 1 }, { n: 2 }] }, (state) => {
      const taken = state.list.shift();
      (state.archive ??= []).push(taken);
      expect(state.archive[0]).toBe(taken);
      taken.n = 10;
      state.copies = [];
      (state.kept ??= []).push(state.list[0]);
      state.list[0].n = 20;
    });
    expect(root).toEqual({
      list: [{ n: 20 }],
      archive: [{ n: 10 }],
      copies: [],
      kept: [{ n: 20 }],
    });
    expect(root.kept[0]).not.toBe(root.list[0]);
  });

  test("changes nothing where what was assigned is gone again", () => {
    const { patches } = act({ list: [1] }, (state) => {
      (state.gone = []).push(1 as never);
      delete state.gone;
      const item: Loose = {};
      state.list.push(item);
      state.list.pop();
      item.f = () => 1;
    });
    expect(patches).toEqual([]);
  });

  test("is what comes back when it was removed unseen", () => {
    look({ list: [] }, (state) => {
      const item: Loose = { n: 1 };
      state.list.push(item);
      item.n = 2;
      const back = state.list.pop();
      expect(back.n).toBe(2);
      state.list.push(back);
      expect(state.list[0]).toBe(back);
    });
  });

  test("is refused where it cannot be stored, naming the place, and leaves no trace", () => {
    const bad = (spoil: (item: Loose) => void) => (state: Loose) => {
      const item: Loose = { list: [] };
      state.items.push(0, item);
      spoil(item);
      raw(state);
    };
    const code = "VALUE_UNSUPPORTED";
    refusedLate(
      bad((item) => (item.f = () => 1)),
      /^state\.items\[1\]\.f is a function/,
    );
    refusedLate(
      bad((item) => (item.list.length = 2)),
      /^state\.items\[1\]\.list\[0\] is a hole/,
    );
    refusedLate(
      bad((item) => (item[Symbol("s")] = 1)),
      /has a symbol as a key/,
    );
    refused({}, (state) => (state.x = { f: () => 1 }), { code });
  });

  test("that holds itself by then is refused, also where it is only copied", () => {
    const cycle = (state: Loose): Loose => {
      const item: Loose = {};
      state.a = { item };
      item.back = item;
      return state;
    };
    const code = "VALUE_TOO_DEEP";
    for (const read of [raw, unwrap, (state: Loose) => (state.b = state.a)]) {
      const transaction = plant({}).begin();
      const state = cycle(transaction.state);
      expect(() => read(state)).toThrow(expect.objectContaining({ code }));
      transaction.undo();
      transaction.end();
    }
  });
});

/** The action itself gets to its end; its commit is refused. */
function refusedLate(action: (state: Loose) => void, message: RegExp): void {
  const tree = plant({ items: [] });
  const transaction = tree.begin();
  expect(() => action(transaction.state)).toThrow(message);
  expect(() => transaction.derive()).toThrow(message);
  transaction.undo();
  transaction.end();
  expect(tree.root).toEqual({ items: [] });
}

describe("[G5] in an asynchronous action, what is done to an assigned plain value", () => {
  const options = { serializable: false, onFirstWrite: () => undefined };

  test("counts until it is committed, and others see nothing before", () => {
    const tree = plant({ groups: {}, n: 0 });
    const transaction = tree.beginAsync(options);
    const state: Loose = transaction.state;
    const list = (state.groups.a ??= []);
    const other = tree.begin();
    (other.state as Loose).n = 1;
    expect(raw(other.state)).toEqual({ groups: {}, n: 1 });
    other.derive();
    other.end();
    list.push(1);
    expect(transaction.derive()).toMatchObject([{ op: "add", path: ["groups", "a"], value: [1] }]);
    transaction.publish();
    list.push(2);
    state.groups.a.push(3);
    expect(transaction.derive()).toMatchObject([{ path: ["groups", "a", 1], value: 3 }]);
    transaction.publish();
    transaction.end();
    expect(tree.committed()).toEqual({ groups: { a: [1, 3] }, n: 1 });
  });

  test("is a conflict where others have removed what it was put into", () => {
    const tree = plant({ groups: { a: {} } });
    const transaction = tree.beginAsync(options);
    const list = ((transaction.state as Loose).groups.a.list = [] as number[]);
    const other = tree.begin();
    delete (other.state as Loose).groups.a;
    other.derive();
    other.end();
    list.push(1);
    expect(() => transaction.derive()).toThrow(expect.objectContaining({ code: "CONFLICT" }));
    transaction.end();
    expect(tree.committed()).toEqual({ groups: {} });
  });
});
