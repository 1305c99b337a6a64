import { describe, expect, test } from "vitest";
import { act, plant, refused } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { raw } from "./raw.ts";

const code = "VALUE_UNSUPPORTED";
class Foreign {
  x = 1;
}

/** Lists in lists, `depth` deep. */
function nested(depth: number): Loose {
  let value: Loose = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

describe("[G11] a plain value that is assigned", () => {
  test("is copied: what happens to it once it was read back is no change", () => {
    const item: Loose = {
      n: 1,
      list: [1],
      map: new Map([["a", { n: 1 }]]),
      due: new Date(0),
      bytes: new Uint8Array([1]),
    };
    const { root } = act({ a: 0, list: [], map: new Map() }, (state) => {
      state.a = item;
      state.list.push(item);
      state.map.set("a", item);
      for (const copy of [state.a, state.list[0], state.map.get("a")]) {
        expect(copy).not.toBe(item);
        expect([copy.list.length, copy.map.get("a").n, copy.due, copy.bytes]).toHaveLength(4);
      }
      item.n = 2;
      item.list.push(2);
      item.map.get("a").n = 2;
      item.due.setTime(9);
      item.bytes[0] = 9;
      expect(state.a.n).toBe(1);
    });
    for (const copy of [root.a, root.list[0], root.map.get("a")]) {
      expect(copy).toEqual({
        n: 1,
        list: [1],
        map: new Map([["a", { n: 1 }]]),
        due: new Date(0),
        bytes: new Uint8Array([1]),
      });
    }
    expect(root.a).not.toBe(root.list[0]);
  });

  test("may be of every kind that the codec knows", () => {
    const values: Loose = {
      undefined: undefined,
      null: null,
      negativeZero: -0,
      notANumber: Number.NaN,
      infinities: [Infinity, -Infinity],
      bigint: 10n ** 30n,
      date: new Date(5),
      invalidDate: new Date(Number.NaN),
      url: new URL("https://example.com/a?b#c"),
      regExp: /a[/]b/giu,
      typed: [new Uint8Array([1]), new Float32Array([0.5]), new BigInt64Array([1n])],
      map: new Map<unknown, unknown>([
        [undefined, 1],
        [1n, new Set([null])],
      ]),
      $: { $: "Map", v: [] },
      emoji: "😀\ud800",
    };
    const { root } = act({}, (state) => {
      for (const [key, value] of Object.entries(values)) state[key] = value;
    });
    expect(root).toEqual(values);
  });

  test("is refused where no copy would come back the same, naming the place", () => {
    const initial = { a: { list: [{ n: 1 }] }, map: new Map([["k", 1]]) };
    const cases: [(state: Loose) => unknown, RegExp][] = [
      [(state) => (state.f = () => 1), /^state\.f is a function/],
      [(state) => (state.a.s = Symbol("s")), /^state\.a\.s is a symbol/],
      [
        (state) => (state.a.list[0].n = new Foreign()),
        /^state\.a\.list\[0\]\.n is an instance of Foreign/,
      ],
      [
        (state) => (state.a = { deep: [1, { x: new WeakMap() }] }),
        /^state\.a\.deep\[1\]\.x is an instance of WeakMap/,
      ],
      [(state) => state.map.set("k", { f() {} }), /^state\.map\.k\.f is a function/],
      [(state) => (state.a = [1, , 3]), /^state\.a\[1\] is a hole/],
      [(state) => (state.a = JSON.parse('{"__proto__": 1}')), /^state\.a has a key "__proto__"/],
      [(state) => (state.a = { [Symbol("s")]: 1 }), /^state\.a has a symbol as a key/],
      [(state) => (state.a = new Map([[{}, 1]])), /^state\.a is a Map with a key/],
      [(state) => (state.a = new Set([[]])), /^state\.a is a Set with a member/],
      [(state) => (state.a = new (class extends Map {})()), /^state\.a is an instance/],
      [(state) => (state.a = Promise.resolve()), /^state\.a is a promise/],
      [(state) => (state.big = 10n ** 20_000n), /^state\.big is a bigint of more than/],
      [(state) => (state.a = { big: 10n ** 20_000n }), /^state\.a\.big is a bigint/],
      [
        (state) => (state.a = new DataView(new ArrayBuffer(1))),
        /^state\.a is an instance of DataView/,
      ],
    ];
    for (const [action, message] of cases) refused(initial, action, { code, message });
  });

  test("is refused where it holds itself", () => {
    const cycle: Loose = { inner: {} };
    cycle.inner.back = cycle;
    refused({ a: 1 }, (state) => (state.a = cycle), {
      code: "VALUE_TOO_DEEP",
      message: /^state\.a\.inner\.back refers back to state\.a/,
    });
  });

  test("keeps the error of a getter or a proxy that throws, and no trace", () => {
    const thrower = {
      get bad(): never {
        throw new RangeError("mine");
      },
    };
    const tree = plant({ a: 1, list: [{ id: 1 }] });
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    const taken = state.list.pop();
    expect(() => (state.a = [taken, thrower])).toThrow(RangeError);
    expect(() => state.list.push(taken, thrower)).toThrow(RangeError);
    // It was not moved by what was refused.
    state.list.push(taken);
    expect(state.list[0]).toBe(taken);
    expect(transaction.derive()).toEqual([]);
  });
});

describe("a tracked node that stands in the tree", () => {
  test("is copied when it is assigned elsewhere: the two are not shared", () => {
    const { root } = act(
      { a: { n: 1 }, list: [{ n: 2 }], map: new Map([["k", { n: 3 }]]) },
      (state) => {
        state.b = state.a;
        expect(state.b).not.toBe(state.a);
        state.b.n = 10;
        state.list.push(state.list[0], state.a);
        state.list[1].n = 20;
        state.map.set("l", state.map.get("k"));
        state.map.get("l").n = 30;
        state.mixed = { x: state.a, y: [state.a] };
        state.mixed.x.n = 40;
      },
    );
    expect(root.a).toEqual({ n: 1 });
    expect(root.b).toEqual({ n: 10 });
    expect(root.list).toEqual([{ n: 2 }, { n: 20 }, { n: 1 }]);
    expect([...root.map.values()]).toEqual([{ n: 3 }, { n: 30 }]);
    expect(root.mixed).toEqual({ x: { n: 40 }, y: [{ n: 1 }] });
  });

  test("is copied into its own inside, so that there are no cycles", () => {
    const { root } = act({ a: { n: 1, inner: {} } }, (state) => {
      state.a.inner.outer = state.a;
      state.a.inner.whole = state;
      state.a.n = 2;
    });
    expect(root.a.inner.outer).toEqual({ n: 1, inner: {} });
    expect(root.a.n).toBe(2);
  });

  test("is left alone when it is assigned to its own place", () => {
    const { patches } = act(
      { a: { n: 1 }, list: [{}], map: new Map([["k", {}]]), due: new Date(0) },
      (state) => {
        const { a, due } = state;
        state.a = a;
        state.due = due;
        state.list[0] = state.list[0];
        state.map.set("k", state.map.get("k"));
        expect(state.a).toBe(a);
        expect(state.due).toBe(due);
      },
    );
    expect(patches).toEqual([]);
  });

  test("is copied with what the action did to the copies of Dates in it", () => {
    const { root } = act({ a: { due: new Date(0) } }, (state) => {
      state.a.due.setTime(5);
      state.b = state.a;
      state.a.due.setTime(9);
    });
    expect(root.b.due).toEqual(new Date(5));
    expect(root.a.due).toEqual(new Date(9));
  });

  test("swaps by value", () => {
    const { root } = act({ list: [{ n: 1 }, { n: 2 }], a: { n: 3 }, b: { n: 4 } }, (state) => {
      const { list } = state;
      [list[0], list[1]] = [list[1], list[0]];
      [state.a, state.b] = [state.b, state.a];
    });
    expect(root).toEqual({ list: [{ n: 2 }, { n: 1 }], a: { n: 4 }, b: { n: 3 } });
  });

  test("of another tree is copied", () => {
    const other: Loose = plant({ a: { n: 1, due: new Date(0) } }).begin().state;
    other.a.due.setTime(3);
    const { root } = act({}, (state) => {
      state.one = other.a;
      state.two = [other.a];
    });
    expect(root.one).toEqual({ n: 1, due: new Date(3) });
    expect(root.two).toEqual([{ n: 1, due: new Date(3) }]);
    expect(root.one).not.toBe(raw(other.a));
  });
});

describe("[G14] whatever is accepted can be encoded, sent and restored", () => {
  test("depth counts from the root of the state", () => {
    const expected = { code: "VALUE_TOO_DEEP" };
    act({ a: {} }, (state) => (state.a.b = nested(62)));
    refused({ a: {} }, (state) => (state.a.b = nested(63)), expected);
    refused({ a: nested(63) }, (state) => (state.b = { c: state.a }), {
      ...expected,
      message: /state.*deeper than 64/,
    });
    refused({ list: [nested(60)] }, ({ list }) => list.push([[[[[]]]], nested(62)]), expected);
    act({ list: [] }, ({ list }) => list.push(nested(62)));
    refused({ list: [] }, ({ list }) => list.push(nested(63)), expected);
    refused({ map: new Map() }, ({ map }) => map.set("k", nested(63)), expected);
  });

  test("a detached node is measured where it is moved to", () => {
    const tree = plant({ list: [nested(61)], a: { b: { c: {} } } });
    const transaction = tree.begin();
    const state: Loose = transaction.state;
    const node = state.list.pop();
    expect(() => (state.a.b.c.d = node)).toThrow(
      expect.objectContaining({ code: "VALUE_TOO_DEEP" }),
    );
    state.a.b.c = node;
    expect(() => state.list.push([[node]])).toThrow(
      expect.objectContaining({ code: "VALUE_TOO_DEEP" }),
    );
    transaction.derive();
  });

  test("paths longer than 32 segments become a replacement further up", () => {
    const deep = (): Loose => {
      let value: Loose = { n: 0, list: [1], map: new Map([["k", { n: 1 }]]), text: "a" };
      for (let level = 0; level < 50; level++) value = { inner: value };
      return value;
    };
    const bottom = (state: Loose): Loose => {
      let at = state;
      while (at.inner) at = at.inner;
      return at;
    };
    const actions: ((at: Loose) => unknown)[] = [
      (at) => at.n++,
      (at) => at.list.push(2),
      (at) => at.map.get("k").n++,
      (at) => (at.text += "b"),
      (at) => (at.list = [...at.list, 3]),
    ];
    for (const action of actions) {
      const { patches } = act(deep(), (state) => action(bottom(state)));
      expect(patches.map(({ op, path }) => [op, path.length])).toEqual([["replace", 32]]);
    }
    expect(act(deep(), (state) => void (bottom(state).n++, bottom(state).n--)).patches).toEqual([]);
  });

  test("a text may not grow beyond the size of a value, whoever adds to it", () => {
    const limits = { valueBytes: 1_000 };
    const expected = { code: "VALUE_TOO_LARGE", message: /state\.text is larger than 1000 bytes/ };
    act({ text: "x".repeat(900) }, (state) => (state.text += "y".repeat(90)), limits);
    refused(
      { text: "x".repeat(900) },
      (state) => (state.text += "y".repeat(100)),
      expected,
      limits,
    );
    refused({ text: "x".repeat(900) }, (state) => (state.text += "ä".repeat(50)), expected, limits);
    refused(
      { text: "x".repeat(900) },
      (state) => (state.text += "\u0001".repeat(20)),
      expected,
      limits,
    );
    refused(
      { list: ["a"] },
      ({ list }) => (list[0] = "z".repeat(1_000)),
      { ...expected, message: /state\.list\[0\]/ },
      limits,
    );
  });
});
