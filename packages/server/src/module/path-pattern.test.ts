import { expect, test } from "vitest";
import { ANY, parsePattern, type PathPattern } from "./path-pattern.ts";

test("a text is segments with dots between them, where * is any; a list means what it says", () => {
  expect(parsePattern("hands.*.1")).toEqual([
    { key: "hands", isText: true },
    ANY,
    { key: "1", isText: true },
  ]);
  expect(parsePattern(["hands", ANY, "*", 1, "a.b"])).toEqual([
    { key: "hands", isText: false },
    ANY,
    { key: "*", isText: false },
    { key: 1, isText: false },
    { key: "a.b", isText: false },
  ]);
});

test.each<[string, unknown]>([
  ["nothing", ""],
  ["a dot at the end", "a."],
  ["two dots", "a..b"],
  ["an empty list", []],
  ["a list of objects", [{}]],
])("%s is no pattern", (_what, pattern) => {
  expect(() => parsePattern(pattern as PathPattern)).toThrow(
    expect.objectContaining({ code: "DEFINITION_INVALID" }),
  );
});
