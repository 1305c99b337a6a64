import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { canonicalEncode } from "../codec/canonical-encode.ts";
import { cloneValue } from "../codec/clone-value.ts";
import type { Patch } from "../patch.ts";
import { values } from "../testing/arbitraries.fixture.ts";
import { randomPatches } from "../testing/random-patches.fixture.ts";
import { refusal } from "../testing/refusal.fixture.ts";
import { sameValue } from "../testing/same-value.fixture.ts";
import type { Value } from "../value.ts";
import { applyPatches, replayPatches } from "./apply-patches.ts";

/** Both ways to apply keep the same rules; replay gets a state of its own. */
const WAYS: [string, (state: Value, patches: readonly Patch[]) => Value][] = [
  ["applyPatches", applyPatches],
  ["replayPatches", (state, patches) => replayPatches(cloneValue(state), patches)],
];

const STATE = {
  count: 1,
  title: "abc",
  nothing: undefined,
  list: ["a", "b", "c"],
  nested: { deep: { x: 1 }, list: [{ id: 1 }, { id: 2 }] },
  map: new Map<string | number, Value>([
    [1, "number"],
    ["1", "string"],
    [NaN, { n: 1 }],
  ]),
  set: new Set([1, "1", NaN]),
  date: new Date(0),
  bytes: new Uint8Array([1, 2]),
};

describe.each(WAYS)("%s", (_name, apply) => {
  test.each<[string, Patch[], (state: typeof STATE) => Value]>([
    ["nothing", [], (state) => state],
    ["replace of the root", [{ op: "replace", path: [], value: 7 }], () => 7],
    [
      "replace of a field",
      [{ op: "replace", path: ["count"], value: 2 }],
      (s) => ({ ...s, count: 2 }),
    ],
    [
      "replace of undefined",
      [{ op: "replace", path: ["nothing"], value: 2 }],
      (s) => ({ ...s, nothing: 2 }),
    ],
    ["add of a field", [{ op: "add", path: ["more"], value: [1] }], (s) => ({ ...s, more: [1] })],
    [
      "add of a key that is inherited",
      [{ op: "add", path: ["constructor"], value: 1 }],
      (s) => ({ ...s, constructor: 1 }),
    ],
    ["remove of a field", [{ op: "remove", path: ["count"] }], ({ count: _, ...rest }) => rest],
    [
      "add in an array",
      [{ op: "add", path: ["list", 1], value: "x" }],
      (s) => ({ ...s, list: ["a", "x", "b", "c"] }),
    ],
    [
      "add at the end of an array",
      [{ op: "add", path: ["list", 3], value: "x" }],
      (s) => ({ ...s, list: ["a", "b", "c", "x"] }),
    ],
    [
      "replace in an array",
      [{ op: "replace", path: ["list", 2], value: "x" }],
      (s) => ({ ...s, list: ["a", "b", "x"] }),
    ],
    [
      "remove in an array",
      [{ op: "remove", path: ["list", 0] }],
      (s) => ({ ...s, list: ["b", "c"] }),
    ],
    [
      "a splice",
      [{ op: "splice", path: ["list"], index: 1, remove: 2, value: ["x", [1], "z"] }],
      (s) => ({ ...s, list: ["a", "x", [1], "z"] }),
    ],
    [
      "a splice at the end",
      [{ op: "splice", path: ["list"], index: 3, remove: 0, value: ["x"] }],
      (s) => ({ ...s, list: ["a", "b", "c", "x"] }),
    ],
    [
      "an order of an array",
      [{ op: "order", path: ["list"], permutation: [2, 0, 1] }],
      (s) => ({ ...s, list: ["c", "a", "b"] }),
    ],
    [
      "an order of a Map",
      [{ op: "order", path: ["map"], permutation: [2, 0, 1] }],
      (s) => ({
        ...s,
        map: new Map([
          [NaN, { n: 1 }],
          [1, "number"],
          ["1", "string"],
        ] as [string, Value][]),
      }),
    ],
    [
      "an order of a Set",
      [{ op: "order", path: ["set"], permutation: [1, 2, 0] }],
      (s) => ({ ...s, set: new Set(["1", NaN, 1]) }),
    ],
    [
      "replace by a typed Map key",
      [{ op: "replace", path: ["map", 1], value: "x" }],
      (s) => ({ ...s, map: new Map([...s.map].map(([k, v]) => [k, k === 1 ? "x" : v])) }),
    ],
    [
      "a path through a Map key NaN",
      [{ op: "replace", path: ["map", NaN, "n"], value: 2 }],
      (s) => ({
        ...s,
        map: new Map([...s.map].map(([k, v]) => [k, Number.isNaN(k) ? { n: 2 } : v])),
      }),
    ],
    [
      "add to a Map, at its end",
      [{ op: "add", path: ["map", 1n], value: 1 }],
      (s) => ({ ...s, map: new Map<any, Value>([...s.map, [1n, 1]]) }),
    ],
    [
      "remove from a Map",
      [{ op: "remove", path: ["map", "1"] }],
      (s) => ({ ...s, map: new Map([...s.map].filter(([k]) => k !== "1")) }),
    ],
    [
      "members",
      [{ op: "members", path: ["set"], remove: [1, NaN], value: [2, null] }],
      (s) => ({ ...s, set: new Set(["1", 2, null]) }),
    ],
    [
      "members removed and added again",
      [{ op: "members", path: ["set"], remove: [1], value: [1] }],
      (s) => ({ ...s, set: new Set(["1", NaN, 1]) }),
    ],
    ["append", [{ op: "append", path: ["title"], value: "d" }], (s) => ({ ...s, title: "abcd" })],
    [
      "each on the outcome of the one before",
      [
        { op: "add", path: ["nested", "list", 0], value: { id: 0 } },
        { op: "replace", path: ["nested", "list", 1, "id"], value: 10 },
        { op: "remove", path: ["nested", "list", 0] },
        { op: "add", path: ["nested", "list", 0, "name"], value: "n" },
      ],
      (s) => ({ ...s, nested: { ...s.nested, list: [{ id: 10, name: "n" }, { id: 2 }] } }),
    ],
  ])("[P71] does %s", (_what, patches, expected) => {
    const before = canonicalEncode(STATE);
    const patchesBefore = canonicalEncode(patches as unknown as Value);
    expect(sameValue(apply(STATE, patches), expected(STATE))).toBe(true);
    expect(canonicalEncode(STATE)).toBe(before);
    expect(canonicalEncode(patches as unknown as Value)).toBe(patchesBefore);
  });

  test.each<[string, Patch]>([
    ["add of a field that is there", { op: "add", path: ["count"], value: 1 }],
    ["add of a field that is there, undefined", { op: "add", path: ["nothing"], value: 1 }],
    ["add of a Map key that is there", { op: "add", path: ["map", NaN], value: 1 }],
    ["add without a place", { op: "add", path: [], value: 1 }],
    ["add behind the end of an array", { op: "add", path: ["list", 4], value: 1 }],
    ["add at a sparse index", { op: "add", path: ["list", 4e9], value: 1 }],
    ["add at an array's length", { op: "add", path: ["list", "length"], value: 1 }],
    ["add to a Set", { op: "add", path: ["set", 5], value: 1 }],
    ["add to a string", { op: "add", path: ["title", 0], value: "x" }],
    ["add to a Date", { op: "add", path: ["date", "x"], value: 1 }],
    ["add to a typed array", { op: "add", path: ["bytes", 0], value: 1 }],
    ["add by a number to an object", { op: "add", path: [1], value: 1 }],
    ["replace of what is not there", { op: "replace", path: ["more"], value: 1 }],
    ["replace of an inherited member", { op: "replace", path: ["toString"], value: 1 }],
    ["replace of an array's length", { op: "replace", path: ["list", "length"], value: 4e9 }],
    ["replace behind the end of an array", { op: "replace", path: ["list", 3], value: 1 }],
    ["replace at an index in words", { op: "replace", path: ["list", "0"], value: 1 }],
    ["replace at a negative index", { op: "replace", path: ["list", -1], value: 1 }],
    ["replace between indices", { op: "replace", path: ["list", 0.5], value: 1 }],
    ["replace at NaN in an array", { op: "replace", path: ["list", NaN], value: 1 }],
    ["replace at a bigint in an array", { op: "replace", path: ["list", 1n], value: 1 }],
    ["replace of a Map key of another type", { op: "replace", path: ["map", 1n], value: 1 }],
    ["replace of a Set member", { op: "replace", path: ["set", 1], value: 1 }],
    ["replace inside a typed array", { op: "replace", path: ["bytes", 0], value: 1 }],
    ["remove of what is not there", { op: "remove", path: ["more"] }],
    ["remove of the root", { op: "remove", path: [] }],
    ["remove behind the end of an array", { op: "remove", path: ["list", 3] }],
    ["remove of a Map key of another type", { op: "remove", path: ["map", true] }],
    ["a path through a primitive", { op: "replace", path: ["count", "x"], value: 1 }],
    ["a path through undefined", { op: "replace", path: ["nothing", "x"], value: 1 }],
    [
      "a path through a constructor",
      { op: "add", path: ["constructor", "prototype", "admin"], value: 1 },
    ],
    ["a path through __proto__", { op: "add", path: ["__proto__", "admin"], value: true }],
    ["a place __proto__", { op: "add", path: ["__proto__"], value: { admin: true } }],
    ["replace at __proto__", { op: "replace", path: ["nested", "__proto__"], value: {} }],
    ["remove at __proto__", { op: "remove", path: ["__proto__"] }],
    ["a splice behind the end", { op: "splice", path: ["list"], index: 4, remove: 0, value: [] }],
    ["a splice of too many", { op: "splice", path: ["list"], index: 2, remove: 2, value: [] }],
    [
      "a splice at a negative index",
      { op: "splice", path: ["list"], index: -1, remove: 1, value: [] },
    ],
    [
      "a splice of half an item",
      { op: "splice", path: ["list"], index: 0, remove: 0.5, value: [] },
    ],
    [
      "a splice of Infinity",
      { op: "splice", path: ["list"], index: 0, remove: Infinity, value: [] },
    ],
    ["a splice of an object", { op: "splice", path: ["nested"], index: 0, remove: 0, value: [] }],
    [
      "a splice of a typed array",
      { op: "splice", path: ["bytes"], index: 0, remove: 0, value: [] },
    ],
    ["an order that is too short", { op: "order", path: ["list"], permutation: [0, 1] }],
    ["an order that is too long", { op: "order", path: ["list"], permutation: [0, 1, 2, 3] }],
    ["an order with an index twice", { op: "order", path: ["list"], permutation: [0, 1, 1] }],
    ["an order with a hole", { op: "order", path: ["list"], permutation: [0, 1, 3] }],
    ["an order with half an index", { op: "order", path: ["list"], permutation: [0, 0.5, 1] }],
    ["an order of a Map that is none", { op: "order", path: ["map"], permutation: [0, 1, 2, 2] }],
    ["an order of an object", { op: "order", path: ["nested"], permutation: [1, 0] }],
    ["an order of a string", { op: "order", path: ["title"], permutation: [2, 1, 0] }],
    ["members removed that are none", { op: "members", path: ["set"], remove: [2], value: [] }],
    ["a member removed twice", { op: "members", path: ["set"], remove: [1, 1], value: [] }],
    ["members added that are there", { op: "members", path: ["set"], remove: [], value: [NaN] }],
    ["a member added twice", { op: "members", path: ["set"], remove: [], value: [2, 2] }],
    ["members of an array", { op: "members", path: ["list"], remove: ["a"], value: [] }],
    ["append to a number", { op: "append", path: ["count"], value: "1" }],
    ["append to an array", { op: "append", path: ["list"], value: "d" }],
    ["append to what is not there", { op: "append", path: ["more"], value: "d" }],
  ])("[P70][P72][P73][P74] refuses %s", (_what, patch) => {
    const before = canonicalEncode(STATE);
    expect(refusal(() => apply(STATE, [patch])).code).toBe("PATCH_INVALID");
    expect(canonicalEncode(STATE)).toBe(before);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test("[P74] says which place of which patch did not fit", () => {
    const patch: Patch = { op: "replace", path: ["nested", "list", 2, "id"], value: 1 };
    expect(refusal(() => apply(STATE, [patch])).message).toMatch(
      /^The patch "replace" does not fit state\.nested\.list\[2\]\.id: nothing stands at \[2\]/,
    );
  });

  test("takes 300,000 items in one splice", () => {
    const value = Array.from({ length: 300_000 }, (_, index) => index);
    const patch: Patch = { op: "splice", path: [], index: 1, remove: 1, value };
    expect(apply(["a", "b", "c"], [patch])).toEqual(["a", ...value, "c"]);
  });

  test("[P71] agrees with a plain model over random programs", () => {
    fc.assert(
      fc.property(values, randomPatches(12), (value, program) => {
        const state = cloneValue(value);
        const { patches, outcome } = program(state);
        expect(sameValue(outcome, apply(state, patches))).toBe(true);
      }),
      { numRuns: 700 },
    );
  });
});

describe("[P75] applyPatches", () => {
  test("keeps the identity of all that no patch touches", () => {
    const next = applyPatches(STATE, [
      { op: "replace", path: ["nested", "list", 0, "id"], value: 9 },
    ]) as typeof STATE;
    expect(next).not.toBe(STATE);
    expect(next.nested.list[0]).not.toBe(STATE.nested.list[0]);
    expect(next.nested.list[1]).toBe(STATE.nested.list[1]);
    expect(next.nested.deep).toBe(STATE.nested.deep);
    for (const key of ["list", "map", "set", "date", "bytes"] as const) {
      expect(next[key]).toBe(STATE[key]);
    }
  });

  test("gives the very same state for no patches, and for one that changes nothing", () => {
    expect(applyPatches(STATE, [])).toBe(STATE);
    expect(applyPatches(STATE, [{ op: "replace", path: ["count"], value: 1 }])).toBe(STATE);
    expect(applyPatches(STATE, [{ op: "replace", path: ["list"], value: STATE.list }])).toBe(STATE);
  });

  test("copies each container once, however many patches touch it", () => {
    const state = { list: Array.from({ length: 500 }, (_, index) => index) };
    const patches = state.list.map(
      (index) => ({ op: "replace", path: ["list", index], value: -1 }) as const,
    );
    const slice = vi.spyOn(Array.prototype, "slice");
    const next = applyPatches(state, patches) as typeof state;
    // Arrays of this length alone: others may be copied on the way.
    const copies = slice.mock.contexts.filter((array) => (array as unknown[]).length === 500);
    slice.mockRestore();
    expect(copies).toHaveLength(1);
    expect(next.list.every((value) => value === -1)).toBe(true);
  });

  test("an object that is given a key is no longer copied as if its keys had stayed", () => {
    let state: Value = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n]));
    const assign = vi.spyOn(Object, "assign");
    const copiesAsBlock = (patch: Patch) => {
      assign.mockClear();
      state = applyPatches(state, [patch]);
      return assign.mock.calls.length > 0;
    };
    const replace = (n: number) => copiesAsBlock({ op: "replace", path: ["k1"], value: -n - 1 });
    for (let n = 0; n < 20; n++) replace(n);
    expect(replace(20)).toBe(true);
    copiesAsBlock({ op: "add", path: ["more"], value: 1 });
    expect(replace(21)).toBe(false);
    for (let n = 22; n < 42; n++) replace(n);
    expect(replace(42)).toBe(true);
    copiesAsBlock({ op: "remove", path: ["more"] });
    expect(replace(43)).toBe(false);
    assign.mockRestore();
  });

  test("a chain of patches on a large object stays right through adds and removes", () => {
    let state: Value = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n]));
    const model = new Map(Object.entries(state as Record<string, Value>));
    for (let step = 0; step < 1_000; step++) {
      const key = `k${(step * 7919) % 400}`;
      const before = state;
      const beforeValue = (before as Record<string, Value>)[key];
      // Quiet stretches, in which the way of copying changes, between busy ones.
      const isBusy = step % 60 < 15;
      if (!isBusy && !model.has(key)) continue;
      if (isBusy && model.has(key)) {
        state = applyPatches(state, [{ op: "remove", path: [key] }]);
        model.delete(key);
      } else {
        state = applyPatches(state, [
          { op: model.has(key) ? "replace" : "add", path: [key], value: -step },
        ]);
        model.set(key, -step);
      }
      expect((before as Record<string, Value>)[key]).toBe(beforeValue);
    }
    expect(state).toEqual(Object.fromEntries(model));
  });
});

describe("ownership", () => {
  test("what goes in by a patch is not changed by later ones, applied or replayed", () => {
    const value = { inner: { list: [1], map: new Map([["a", new Set([1])]]) } };
    const first: Patch[] = [{ op: "add", path: ["x"], value }];
    const later: Patch[] = [
      { op: "add", path: ["x", "inner", "list", 0], value: 0 },
      { op: "members", path: ["x", "inner", "map", "a"], remove: [1], value: [2] },
      { op: "remove", path: ["x", "inner", "map", "a"] },
      { op: "add", path: ["x", "inner", "more"], value: 1 },
    ];
    const before = canonicalEncode(value);
    const shown = applyPatches({}, first);
    const replayed = replayPatches({}, first);
    replayPatches(replayed, later);
    applyPatches(shown, [...first.map((patch) => ({ ...patch, path: ["y"] }) as Patch), ...later]);
    expect(canonicalEncode(value)).toBe(before);
    expect(canonicalEncode(shown)).toBe(canonicalEncode({ x: value }));
  });

  test("a value that stands in two patches is two values in the state", () => {
    const value = { n: 1 };
    const patches: Patch[] = [
      { op: "add", path: ["a"], value },
      { op: "add", path: ["b"], value },
      { op: "splice", path: ["list"], index: 0, remove: 0, value: [value, value] },
      { op: "replace", path: ["a", "n"], value: 2 },
      { op: "replace", path: ["list", 1, "n"], value: 3 },
    ];
    const expected = { a: { n: 2 }, b: { n: 1 }, list: [{ n: 1 }, { n: 3 }] };
    expect(applyPatches({ list: [] }, patches)).toEqual(expected);
    expect(replayPatches({ list: [] }, patches)).toEqual(expected);
    expect(value).toEqual({ n: 1 });
  });

  test("replayPatches works in place: what it leaves alone it does not even look at", () => {
    const state = { a: { n: 1 }, list: [1], map: new Map([[1, 1]]), set: new Set([1]) };
    const { a, list, map, set } = state;
    const next = replayPatches(state, [
      { op: "replace", path: ["a", "n"], value: 2 },
      { op: "splice", path: ["list"], index: 0, remove: 1, value: [2, 3] },
      { op: "replace", path: ["map", 1], value: 2 },
      { op: "members", path: ["set"], remove: [1], value: [2] },
      { op: "order", path: ["list"], permutation: [1, 0] },
    ]);
    expect(next).toBe(state);
    expect([state.a, state.list, state.map, state.set]).toEqual([
      { n: 2 },
      [3, 2],
      new Map([[1, 2]]),
      new Set([2]),
    ]);
    expect([state.a === a, state.list === list, state.map === map, state.set === set]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});
