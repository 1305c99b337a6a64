import { cloneValue, hashValue, type Value } from "@holdfast/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shareStructure } from "./share-structure.ts";

const FRESH = (): Record<string, Value> => ({
  count: 1,
  user: { name: "Ada", tags: ["a", "b"] },
  items: [{ id: 1 }, { id: 2 }, { id: 3 }],
  map: new Map<string, Value>([
    ["a", { n: 1 }],
    ["b", { n: 2 }],
  ]),
  set: new Set(["x", "y"]),
  due: new Date(5),
  link: new URL("https://example.com/"),
  pattern: /a/g,
  bytes: new Uint8Array([1, 2]),
  nothing: undefined,
  nan: NaN,
});

describe("shareStructure", () => {
  test("gives back the previous value for an equal one, of every kind", () => {
    const previous = FRESH();
    expect(shareStructure(previous, FRESH())).toBe(previous);
    for (const key of Object.keys(previous)) {
      expect(shareStructure(previous[key], FRESH()[key]), key).toBe(previous[key]);
    }
  });

  test("keeps the identity of what did not change beside what did", () => {
    const previous = FRESH();
    const next = { ...FRESH(), count: 2 };
    const shared = shareStructure(previous, next) as typeof next;
    expect(shared).toEqual(next);
    expect(shared).not.toBe(previous);
    for (const key of ["user", "items", "map", "set", "due", "link", "pattern", "bytes"]) {
      expect(shared[key as "count"], key).toBe(previous[key]);
    }
  });

  test.each<[string, Value, Value]>([
    ["an absent key and one that holds undefined", { a: undefined }, {}],
    ["the other way round", {}, { a: undefined }],
    ["another key with the same number of keys", { a: undefined }, { b: undefined }],
    ["-0 and 0", { n: -0 }, { n: 0 }],
    [
      "the order of a Map",
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
      new Map([
        ["b", 2],
        ["a", 1],
      ]),
    ],
    ["the order of a Set", new Set([1, 2]), new Set([2, 1])],
    ["a Map key of another type", new Map([[1, 1]]), new Map([["1", 1]])],
    ["an object and an array", {}, []],
    ["a date and an invalid one", new Date(0), new Date(NaN)],
    ["flags", /a/, /a/g],
    ["bytes", new Uint8Array([1]), new Uint8Array([2])],
    ["the type of an array of bytes", new Uint8Array([1]), new Int8Array([1])],
    ["a longer array", [1], [1, 2]],
    ["a shorter array", [1, 2], [1]],
    ["null and an object", null, {}],
  ])("tells apart: %s", (_, previous, next) => {
    const shared = shareStructure(previous, next);
    expect(shared).not.toBe(previous);
    expect(shared).toStrictEqual(next);
  });

  test("an item that came or went at either end leaves the others their identity", () => {
    const previous = [{ id: 1 }, { id: 2 }, { id: 3 }];
    for (const ids of [
      [0, 1, 2, 3],
      [1, 2, 3, 4],
      [2, 3],
      [1, 2],
      [1, 9, 2, 3],
      [1, 3],
    ]) {
      const shared = shareStructure(
        previous,
        ids.map((id) => ({ id })),
      ) as { id: number }[];
      expect(shared.map(({ id }) => id)).toEqual(ids);
      for (const item of shared) {
        const same = previous.find(({ id }) => id === item.id);
        if (same) expect(item, `${item.id} of ${ids.join()}`).toBe(same);
      }
    }
  });

  test("an item that moved keeps its identity, and none is mixed with another", () => {
    const [a, b] = [
      { id: 1, meta: { x: 1 } },
      { id: 2, meta: { x: 1 } },
    ];
    const shared = shareStructure([a, b], [b, a]) as Value[];
    expect(shared[0]).toBe(b);
    expect(shared[1]).toBe(a);
  });

  test("what state cannot hold, put there by a reducer, is never taken for what was there", () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    // Not a Value: that is what is tested.
    const [previous, next] = [new Money(1), new Money(2)] as unknown as [Value, Value];
    expect(shareStructure(previous, next)).toBe(next);
  });

  test("changes neither of its arguments, and its outcome always equals the next value", async () => {
    const value = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Value>(0, -0, 1, NaN, "a", "b", null, undefined, true),
        fc.constantFrom(1, 2).map((time) => new Date(time)),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
        fc
          .array(fc.tuple(fc.constantFrom("a", 1, null), tie("value")), { maxLength: 3 })
          .map((entries) => new Map(entries)),
        fc.array(fc.constantFrom(1, 2, 3), { maxLength: 3 }).map((members) => new Set(members)),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(value, value, async (previous, next) => {
        const before = await hashValue(previous);
        const wanted = await hashValue(next);
        const shared = shareStructure(previous, next);
        expect(await hashValue(shared)).toBe(wanted);
        expect(await hashValue(next)).toBe(wanted);
        expect(await hashValue(previous)).toBe(before);
        expect(shareStructure(previous, cloneValue(previous))).toBe(previous);
      }),
      { numRuns: 300 },
    );
  });
});
