import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { act, look, refused } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";

const initial = { a: { b: { n: 1 } }, list: [1], due: new Date(0), text: "x", nothing: null };

describe("a tracked object", () => {
  test("reads like an ordinary one", () => {
    look(initial, (state) => {
      expect(state.a.b.n).toBe(1);
      expect(state.nothing).toBe(null);
      expect(state.missing).toBe(undefined);
      expect(Object.keys(state)).toEqual(["a", "list", "due", "text", "nothing"]);
      expect("a" in state).toBe(true);
      expect(Object.hasOwn(state, "a")).toBe(true);
      const { a, ...rest } = state;
      expect(a.b.n).toBe(1);
      expect(Object.keys(rest)).toEqual(["list", "due", "text", "nothing"]);
      expect({ ...state.a.b }).toEqual({ n: 1 });
      expect(Object.entries(state.a.b)).toEqual([["n", 1]]);
      const seen = [];
      for (const key in state.a) seen.push(key);
      expect(seen).toEqual(["b"]);
    });
  });

  test("gives the same proxy for the same node", () => {
    look(initial, (state) => {
      expect(state.a).toBe(state.a);
      expect(Object.values(state)[0]).toBe(state.a);
      expect({ ...state }.a).toBe(state.a);
      expect(Object.getOwnPropertyDescriptor(state, "a")?.value).toBe(state.a);
    });
  });

  test("inherits nothing by a string key", () => {
    look({ ...initial, own: { constructor: 1, toString: "x" } }, (state) => {
      expect(state.constructor).toBe(undefined);
      expect(state.toString).toBe(undefined);
      expect(state.__proto__).toBe(undefined);
      expect(state.hasOwnProperty).toBe(undefined);
      expect("toString" in state).toBe(false);
      expect(state.own.constructor).toBe(1);
      expect(state.own.toString).toBe("x");
    });
  });

  test("shows nothing that somebody put on Object.prototype", () => {
    look(initial, (state) => {
      const prototype: Loose = Object.prototype;
      try {
        prototype.isAdmin = true;
        prototype.rights = { all: true };
        expect(state.isAdmin).toBe(undefined);
        expect(state.a.rights).toBe(undefined);
      } finally {
        delete prototype.isAdmin;
        delete prototype.rights;
      }
    });
  });

  test("is stringified, inspected and recognised like an ordinary one", () => {
    look({ a: { n: 1, due: new Date(0) }, list: [1, { n: 2 }] }, (state) => {
      expect(JSON.stringify(state)).toBe(
        '{"a":{"n":1,"due":"1970-01-01T00:00:00.000Z"},"list":[1,{"n":2}]}',
      );
      expect(inspect(state.list)).toBe("[ 1, { n: 2 } ]");
      expect(Array.isArray(state.list)).toBe(true);
      expect(state.list).toBeInstanceOf(Array);
      expect(state.a.due).toBeInstanceOf(Date);
      expect(Object.getPrototypeOf(state)).toBe(Object.prototype);
      expect(Object.prototype.toString.call(state)).toBe("[object Object]");
    });
  });

  test("is not cloned by accident", () => {
    look(initial, (state) => {
      expect(() => structuredClone(state)).toThrow(/could not be cloned/);
      expect(() => structuredClone({ deep: [state.a] })).toThrow(/could not be cloned/);
    });
  });

  test("takes writes, deletions and definitions of plain data", () => {
    const { patches } = act({ a: 1, b: 2 }, (state) => {
      state.c = 3;
      expect(delete state.b).toBe(true);
      expect(delete state.missing).toBe(true);
      Object.defineProperty(state, "a", { value: 5 });
      Object.defineProperty(state, "d", {
        value: 4,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      Object.assign(state, { e: 5 });
      expect(Reflect.set(state, "f", 6)).toBe(true);
      expect({ ...state }).toEqual({ a: 5, c: 3, d: 4, e: 5, f: 6 });
    });
    expect(patches.map((patch) => [patch.op, ...patch.path])).toEqual([["replace"]]);
  });

  test("takes keys that objects inherit", () => {
    const { root } = act({}, (state) => {
      state.constructor = 1;
      state.toString = "text";
      state.hasOwnProperty = { n: 1 };
      state.hasOwnProperty.n++;
    });
    expect(root).toEqual({ constructor: 1, toString: "text", hasOwnProperty: { n: 2 } });
  });

  test("[G11] refuses what is more than plain data, and says what to do", () => {
    const code = "VALUE_UNSUPPORTED";
    const own = { configurable: true, enumerable: true };
    refused(initial, (state) => Object.defineProperty(state.a, "x", { ...own, get: () => 1 }), {
      code,
      message: /^state\.a cannot have x as a getter.*Assign a plain value/,
    });
    refused(initial, (state) => Object.defineProperty(state.a, "x", { value: 1 }), { code });
    refused(
      initial,
      (state) => Object.defineProperty(state.a, "b", { value: 1, writable: false }),
      { code },
    );
    refused(initial, (state) => Object.freeze(state.a), { code, message: /frozen.*unwrap/ });
    refused(initial, (state) => Object.seal(state.a), { code });
    refused(initial, (state) => Object.preventExtensions(state), { code });
    refused(initial, (state) => Object.setPrototypeOf(state.a, null), {
      code,
      message: /prototype/,
    });
    refused(initial, (state) => (state.a[Symbol("s")] = 1), {
      code,
      message: /Symbol\(s\).*string/,
    });
    refused(initial, (state) => (state.a.__proto__ = {}), { code, message: /__proto__.*Rename/ });
    refused(initial, (state) => (state["__proto__"] = null), { code });
  });

  test("[G14] refuses a key that is too large to be stored", () => {
    const expected = { code: "VALUE_TOO_LARGE", message: /a key of state\.a/ };
    refused(initial, (state) => (state.a["k".repeat(200)] = 1), expected, { valueBytes: 100 });
    refused(initial, (state) => (state.a["k".repeat(200)] = {}), expected, { valueBytes: 100 });
  });
});
