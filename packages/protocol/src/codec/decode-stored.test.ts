import fc from "fast-check";
import { expect, test } from "vitest";
import { values } from "../testing/arbitraries.fixture.ts";
import { sameValue } from "../testing/same-value.fixture.ts";
import { decodeStored } from "./decode-stored.ts";
import { decodeValue, encodeValue } from "./encode-value.ts";

test("[G11] what is stored is what decodeValue makes of it, plain or not", () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = encodeValue(value);
      expect(sameValue(decodeStored(text), decodeValue(text))).toBe(true);
    }),
  );
});

test.each(['{"__proto__":1}', '{"\\u005f_proto__":1}', '{"\\u0024":"nothing"}'])(
  "what the codec refuses is refused, however it is escaped: %s",
  (text) => {
    expect(() => decodeStored(text)).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED" }),
    );
  },
);
