import { expect, test } from "vitest";
import { randomToken } from "./random-token.ts";

test("randomToken makes tokens of exactly the length and the alphabet of base64url", () => {
  for (const length of [0, 1, 22, 43, 3_000]) {
    expect(randomToken(length)).toMatch(new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
  }
});

test("randomToken never repeats, and uses all of its 64 characters alike", () => {
  const tokens = Array.from({ length: 5_000 }, () => randomToken(22));
  expect(new Set(tokens).size).toBe(tokens.length);
  const counts = new Map<string, number>();
  for (const character of tokens.join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(64);
  const expected = (5_000 * 22) / 64;
  for (const count of counts.values()) {
    expect(Math.abs(count - expected)).toBeLessThan(7 * Math.sqrt(expected));
  }
});
