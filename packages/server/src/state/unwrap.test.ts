import { describe, expect, test } from "vitest";
import { look } from "./act.fixture.ts";
import { raw } from "./raw.ts";
import { unwrap } from "./unwrap.ts";

const initial = {
  a: { n: 1, list: [{ m: 2 }] },
  map: new Map([["k", { n: 3 }]]),
  set: new Set([1]),
  due: new Date(0),
};

describe("unwrap", () => {
  test("gives a plain copy that structuredClone takes and that nothing reaches", () => {
    look(initial, (state) => {
      const copy = unwrap(state);
      expect(copy).toEqual(initial);
      expect(structuredClone(copy)).toEqual(initial);
      copy.a.list[0].m = 99;
      copy.map.get("k").n = 99;
      expect(state.a.list[0].m).toBe(2);
      expect(state.map.get("k").n).toBe(3);
    });
  });

  test("unwraps what plain values hold, and leaves them alone otherwise", () => {
    look(initial, (state) => {
      const result = { first: state.a, all: [state.a.list, 1], map: new Map([["x", state.set]]) };
      expect(structuredClone(unwrap(result))).toEqual({
        first: initial.a,
        all: [initial.a.list, 1],
        map: new Map([["x", initial.set]]),
      });
      const plain = { a: [1, { b: Number.NaN }], map: new Map([["a", {}]]), set: new Set([1]) };
      expect(unwrap(plain)).toBe(plain);
      const date = new Date();
      expect(unwrap(date)).toBe(date);
      expect(unwrap(5)).toBe(5);
      expect(unwrap(null)).toBe(null);
      const cycle: { self?: unknown } = {};
      cycle.self = cycle;
      expect(unwrap(cycle)).toBe(cycle);
    });
  });
});

describe("raw", () => {
  test("gives the node itself, which no assignment shares", () => {
    look(initial, (state) => {
      const node = raw(state.a);
      expect(node).toEqual(initial.a);
      expect(node).not.toBe(state.a);
      expect(raw(state.a)).toBe(node);
      state.a.n = 5;
      expect(node.n).toBe(5);
      state.b = node;
      state.b.n = 6;
      expect(node.n).toBe(5);
      expect(state.a.list.includes(raw(state.a.list[0]))).toBe(true);
      expect(state.a.list.indexOf(raw(state.a.list[0]))).toBe(0);
    });
  });

  test("leaves what is not tracked as it is", () => {
    const plain = { a: 1 };
    expect(raw(plain)).toBe(plain);
    expect(raw(1)).toBe(1);
  });
});
