import type { Value } from "@holdfast/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { revert } from "./revert.ts";

const item = (id: number, text = "") => ({ id, text });

/** The outcome, and how many places stay. */
function taken(before: Value, after: Value, now: Value): [Value, number] {
  const { state, skipped } = revert(before, after, now);
  return [state, skipped.length];
}

describe("revert", () => {
  test.each<[string, Value, Value, Value, Value, number]>([
    ["a field that nobody else changed", { a: 1 }, { a: 2 }, { a: 2 }, { a: 1 }, 0],
    [
      "a field beside those of others",
      { a: 1, b: 1 },
      { a: 2, b: 1 },
      { a: 2, b: 9 },
      { a: 1, b: 9 },
      0,
    ],
    ["a field that others changed since", { a: 1 }, { a: 2 }, { a: 3 }, { a: 3 }, 1],
    ["an added field", {}, { a: 1 }, { a: 1, b: 2 }, { b: 2 }, 0],
    ["a removed field", { a: 1 }, {}, { b: 2 }, { a: 1, b: 2 }, 0],
    ["a removed field that others put there again", { a: 1 }, {}, { a: 5 }, { a: 5 }, 1],
    [
      "deep inside",
      { a: { b: { c: 1 } } },
      { a: { b: { c: 2 } } },
      { a: { b: { c: 2 }, d: 1 } },
      { a: { b: { c: 1 }, d: 1 } },
      0,
    ],
    ["one that is taken back already", { a: 1 }, { a: 2 }, { a: 1 }, { a: 1 }, 0],
  ])("%s", (_, before, after, now, expected, skipped) => {
    expect(taken(before, after, now)).toEqual([expected, skipped]);
  });

  test("an item that was added goes, wherever others have moved it", () => {
    const before = [item(1)];
    const after = [item(1), item(2)];
    expect(taken(before, after, [item(3), item(2), item(1)])).toEqual([[item(3), item(1)], 0]);
  });

  test("an item that was added and that others have edited stays", () => {
    expect(taken([], [item(2)], [item(2, "theirs")])).toEqual([[item(2, "theirs")], 1]);
  });

  test("an item that was removed comes back behind the one that it stood behind", () => {
    const before = [item(1), item(2), item(3)];
    const now = [item(9), item(3), item(1), item(8)];
    expect(taken(before, [item(1), item(3)], now)).toEqual([
      [item(9), item(3), item(1), item(2), item(8)],
      0,
    ]);
  });

  test("an item that was edited is taken back where it stands now, and one that others removed stays away", () => {
    const before = [item(1, "a"), item(2, "b")];
    const after = [item(1, "A"), item(2, "B")];
    expect(taken(before, after, [item(3), item(2, "B")])).toEqual([[item(3), item(2, "b")], 1]);
  });

  test("an order that is still the one that was made becomes the former one, with the items of others in it", () => {
    const [a, b, c] = [item(1), item(2), item(3)];
    expect(taken([a, b, c], [c, b, a], [c, item(9), b, a])).toEqual([[a, item(9), b, c], 0]);
    expect(taken([a, b, c], [c, b, a], [b, c, a])).toEqual([[b, c, a], 0]);
  });

  test("Maps and Sets", () => {
    const before = { map: new Map([[1, "a"]]), set: new Set([1, 2]) };
    const after = { map: new Map([[1, "b"]]), set: new Set([2, 3]) };
    const now = {
      map: new Map<number, string>([
        [1, "b"],
        [2, "x"],
      ]),
      set: new Set([2, 3, 4]),
    };
    expect(taken(before, after, now)[0]).toEqual({
      map: new Map<number, string>([
        [1, "a"],
        [2, "x"],
      ]),
      set: new Set([2, 4, 1]),
    });
  });

  test("what nobody else has touched is as before, and what was left alone keeps its identity", () => {
    const items = fc.uniqueArray(fc.record({ id: fc.nat(20), text: fc.string() }), {
      selector: ({ id }) => id,
      maxLength: 6,
    });
    const states = fc.record({
      list: items,
      by: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.record({ n: fc.nat(3) })),
      map: fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(5)), { selector: ([key]) => key }),
      n: fc.nat(3),
    });
    fc.assert(
      fc.property(states, states, fc.nat(6), (one, other, at) => {
        const kept = { list: [1] };
        const before = { ...one, map: new Map(one.map), kept };
        const after = { ...other, map: new Map(other.map), kept };
        const now = {
          ...after,
          // What others have put there since.
          list: after.list.toSpliced(at, 0, item(999)),
          by: { ...after.by, theirs: { n: 1 } },
          map: new Map([...after.map, [999, 9]]),
        };
        const { state, skipped } = revert(before as never, after as never, now as never);
        // True because what was given is of that shape.
        const { list, by, map, n } = state as unknown as typeof now;
        expect(skipped).toEqual([]);
        expect(list.filter(({ id }) => id !== 999)).toEqual(before.list);
        expect(list).toHaveLength(before.list.length + 1);
        expect(by).toEqual({ ...before.by, theirs: { n: 1 } });
        expect(new Map([...map].toSorted())).toEqual(
          new Map([...before.map, [999, 9]].toSorted() as never),
        );
        expect(n).toBe(before.n);
        expect((state as unknown as typeof now).kept).toBe(kept);
      }),
      { numRuns: 300 },
    );
  });
});
