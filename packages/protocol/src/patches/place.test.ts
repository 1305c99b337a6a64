import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cloneValue } from "../codec/clone-value.ts";
import type { Patch } from "../patch.ts";
import type { Path } from "../path.ts";
import type { Value } from "../value.ts";
import { applyPatches } from "./apply-patches.ts";
import { meet, placesOf } from "./place.ts";

const LISTS = new Set(["[]", '["list"]', '["list",0]', '["list",1]', '["list",2]']);
const isList = (path: Path) => path[0] === "list" && LISTS.has(JSON.stringify(path));

function met(one: Patch, other: Patch, isArray: (path: Path) => boolean = isList): boolean {
  const forth = meet(placesOf([one], isArray), placesOf([other], isArray));
  expect(meet(placesOf([other], isArray), placesOf([one], isArray))).toBe(forth);
  return forth;
}

const replace = (...path: Path): Patch => ({ op: "replace", path, value: 0 });
const splice = (index: number, remove: number, add: number): Patch => ({
  op: "splice",
  path: ["list"],
  index,
  remove,
  value: Array.from({ length: add }, () => 0),
});

describe("[P78] patches meet", () => {
  test.each<[string, Patch, Patch, boolean]>([
    ["the same place", replace("a", "b"), replace("a", "b"), true],
    ["one inside the other", replace("a"), replace("a", "b", "c"), true],
    ["neighbours", replace("a", "b"), replace("a", "c"), false],
    ["a Map's keys are typed", replace("m", 1), replace("m", "1"), false],
    ["NaN is one key", replace("m", NaN), replace("m", NaN), true],
    ["an insertion and an item in front", splice(2, 0, 1), replace("list", 1, "x"), false],
    ["an insertion and the item at its index", splice(2, 0, 1), replace("list", 2), true],
    ["an insertion and an item behind", splice(2, 0, 1), replace("list", 9, "x"), true],
    ["an exchange and an item that it covers", splice(2, 2, 2), replace("list", 3), true],
    ["an exchange and an item behind", splice(2, 2, 2), replace("list", 4), false],
    ["an exchange and an insertion behind", splice(2, 2, 2), splice(4, 0, 1), false],
    ["an exchange and an insertion inside", splice(2, 2, 2), splice(3, 0, 1), true],
    ["two appends", splice(5, 0, 1), splice(5, 0, 2), true],
    ["an append and the last item replaced", splice(5, 0, 1), replace("list", 4), false],
    ["an append and the last item removed", splice(5, 0, 1), splice(4, 1, 0), true],
    ["an append and an insertion in front", splice(5, 0, 1), splice(0, 0, 1), true],
    [
      "an item added and one replaced behind",
      { op: "add", path: ["list", 1], value: 0 },
      replace("list", 3),
      true,
    ],
    [
      "an item removed and one in front",
      { op: "remove", path: ["list", 1] },
      replace("list", 0),
      false,
    ],
    [
      "a Map entry removed and a greater key",
      { op: "remove", path: ["m", 1] },
      replace("m", 3),
      false,
    ],
    ["the list and its items", replace("list"), splice(5, 0, 1), true],
    [
      "an order and an item",
      { op: "order", path: ["list"], permutation: [] },
      replace("list", 1),
      true,
    ],
    ["different members", members("a"), members("b"), false],
    ["the same member", members("a"), members("a"), true],
    [
      "texts appended",
      { op: "append", path: ["t"], value: "" },
      { op: "append", path: ["t"], value: "" },
      true,
    ],
    [
      "an item's field and its neighbour's",
      replace("list", 1, "x"),
      replace("list", 2, "x"),
      false,
    ],
    [
      "a splice in an item and an item behind",
      { op: "splice", path: ["list", 1], index: 0, remove: 1, value: [] },
      replace("list", 2),
      false,
    ],
    ["nothing, at an index, and what is there", splice(3, 0, 0), splice(2, 1, 0), true],
  ])("%s: %#", (_name, one, other, expected) => {
    expect(met(one, other)).toBe(expected);
  });

  /** Any patch that fits the state: a list of lists, a map and a text. */
  const item = fc.nat(3);
  const patch = fc.oneof(
    fc.record({
      op: fc.constant("replace" as const),
      path: fc.tuple(fc.constant("list"), item, item),
      value: fc.nat(99),
    }),
    fc.record({
      op: fc.constant("replace" as const),
      path: fc.tuple(fc.constant("list"), item),
      value: fc.constant([1, 2]),
    }),
    fc.record({ op: fc.constant("remove" as const), path: fc.tuple(fc.constant("list"), item) }),
    fc.record({
      op: fc.constant("add" as const),
      path: fc.tuple(fc.constant("list"), item),
      value: fc.constant([7]),
    }),
    fc.record({
      op: fc.constant("splice" as const),
      path: fc.tuple(fc.constant("list")),
      index: item,
      remove: fc.nat(2),
      value: fc.array(fc.constant([8]), { maxLength: 2 }),
    }),
    fc.record({
      op: fc.constant("splice" as const),
      path: fc.tuple(fc.constant("list"), item),
      index: fc.nat(2),
      remove: fc.nat(2),
      value: fc.array(fc.nat(9), { maxLength: 2 }),
    }),
    fc.record({
      op: fc.constant("replace" as const),
      path: fc.tuple(fc.constant("m"), item),
      value: fc.nat(99),
    }),
    fc.record({ op: fc.constant("remove" as const), path: fc.tuple(fc.constant("m"), item) }),
    fc.record({
      op: fc.constant("members" as const),
      path: fc.constant(["s"]),
      remove: fc.subarray([1, 2]),
      value: fc.subarray([3, 4]),
    }),
  ) as fc.Arbitrary<Patch>;
  const patches = fc.array(patch, { minLength: 1, maxLength: 3 });

  test("or they may be made in either order, as they are written, with the same outcome", () => {
    let apart = 0;
    fc.assert(
      fc.property(patches, patches, (mine, theirs) => {
        const state: Value = {
          list: [
            [1, 2],
            [3, 4],
            [5, 6],
            [7, 8],
          ],
          m: new Map([
            [0, 1],
            [1, 2],
            [2, 3],
            [3, 4],
          ]),
          s: new Set([1, 2]),
        };
        const isArray = (path: Path) => path[0] === "list";
        const mineAlone = attempt(state, mine);
        const theirsAlone = attempt(state, theirs);
        fc.pre(mineAlone !== undefined && theirsAlone !== undefined);
        if (meet(placesOf(mine, isArray), placesOf(theirs, isArray))) return;
        apart++;
        expect(attempt(mineAlone, theirs)).toEqual(attempt(theirsAlone, mine));
        expect(attempt(mineAlone, theirs)).toBeDefined();
      }),
      { numRuns: 20_000 },
    );
    expect(apart).toBeGreaterThan(500);
  });
});

function attempt(state: Value | undefined, patches: readonly Patch[]): Value | undefined {
  try {
    return applyPatches(cloneValue(state), patches);
  } catch {
    return undefined;
  }
}

function members(member: string): Patch {
  return { op: "members", path: ["s"], remove: [], value: [member] };
}
