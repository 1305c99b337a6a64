import fc from "fast-check";
import { expect, test } from "vitest";
import { exceedsBytes, utf8Length } from "./utf8-length.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "a\udc00\ud800", "😀é한"),
);

test("utf8Length counts as TextEncoder encodes, lone surrogates included", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
    { numRuns: 2_000 },
  );
});

test("exceedsBytes agrees with utf8Length at and around every limit", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: -2, max: 2 }), fc.nat(200), (text, near, anywhere) => {
      for (const limit of [utf8Length(text) + near, anywhere]) {
        expect(exceedsBytes(text, limit)).toBe(utf8Length(text) > limit);
      }
    }),
    { numRuns: 2_000 },
  );
});
