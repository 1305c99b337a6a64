import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdit, editBetween, moveAlong, rebaseEdit, type TextEdit } from "./text-edit.ts";

describe("what was edited", () => {
  test("an edit between two texts makes the second of the first, wherever the caret is", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "🌊", "🐚"), maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.nat(24), (before, after, place) => {
        const edit = editBetween(before, after, Math.min(place, after.length));
        expect(applyEdit(before, edit)).toBe(after);
        expect(edit.inserted.isWellFormed()).toBe(true);
        expect(before.slice(edit.at, edit.at + edit.removed).isWellFormed()).toBe(true);
      }),
    );
  });

  test.each([
    ["a letter typed among its like", "aaa", "aaaa", 2, { at: 1, removed: 0, inserted: "a" }],
    ["one deleted among its like", "aaa", "aa", 1, { at: 1, removed: 1, inserted: "" }],
    ["a word replaced", "low tide", "high tide", 4, { at: 0, removed: 3, inserted: "high" }],
    ["nothing", "same", "same", 4, { at: 4, removed: 0, inserted: "" }],
  ])("the caret tells where: %s", (_, before, after, caret, expected) => {
    expect(editBetween(before, after, caret)).toEqual(expected);
  });

  test("half of a character is never replaced", () => {
    expect(editBetween("😀", "😁")).toEqual({ at: 0, removed: 2, inserted: "😁" });
  });
});

describe("two edits of the same text at once", () => {
  const BASE = "abcdefghij";
  const edits = fc
    .tuple(fc.nat(BASE.length), fc.nat(BASE.length), fc.boolean())
    .map(([one, other, inserts]) => ({
      at: Math.min(one, other),
      removed: Math.abs(one - other),
      inserts,
    }));

  test("what either wrote is there, what either removed is gone, the rest stands in order", () => {
    fc.assert(
      fc.property(edits, edits, (one, other) => {
        const mine: TextEdit = { ...one, inserted: one.inserts ? "MINE" : "" };
        const theirs: TextEdit = { ...other, inserted: other.inserts ? "THEIRS" : "" };
        const merged = applyEdit(applyEdit(BASE, theirs), rebaseEdit(mine, theirs));
        const isRemoved = (at: number): boolean =>
          [mine, theirs].some((edit) => at >= edit.at && at < edit.at + edit.removed);
        const left = Array.from(BASE)
          .filter((_, at) => !isRemoved(at))
          .join("");
        expect(merged.replace(mine.inserted, "").replace(theirs.inserted, "")).toBe(left);
        expect(merged).toContain(mine.inserted);
        expect(merged).toContain(theirs.inserted);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a caret stays with the letter that it stood behind", () => {
    const theirs = { at: 4, removed: 2, inserted: "XYZ" };
    expect([0, 4, 5, 6, 7, 10].map((place) => moveAlong(place, theirs))).toEqual([
      0, 4, 7, 7, 8, 11,
    ]);
  });
});
