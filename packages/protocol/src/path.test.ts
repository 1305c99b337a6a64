import { expect, test } from "vitest";
import { formatPath } from "./path.ts";

test("formatPath writes a path as people read it", () => {
  expect(formatPath([])).toBe("state");
  expect(formatPath(["todos", 3, "title"])).toBe("state.todos[3].title");
  expect(formatPath(["a b", "", "ü", "1", "$x_9"], "payload")).toBe(
    'payload["a b"][""]["ü"]["1"].$x_9',
  );
});

test("formatPath tells Map keys of different types apart", () => {
  expect(formatPath(["m", 1, "1", 1n, true, null, undefined, NaN])).toBe(
    'state.m[1]["1"][1n][true][null][undefined][NaN]',
  );
});

test("[G17] formatPath repeats no long key, so that no error does", () => {
  const text = formatPath(["notes", "x".repeat(10_000), "title"]);
  expect(text).toMatch(/^state\.notes\.x{100,}…$/);
  expect(text.length).toBeLessThan(250);
});
