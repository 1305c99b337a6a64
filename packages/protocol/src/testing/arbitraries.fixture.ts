import fc from "fast-check";
import type { Primitive, Value } from "../value.ts";

/** Numbers that JSON loses or that sit on an edge, beside ordinary ones. */
export const numbers: fc.Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 2 ** 53, Number.MIN_VALUE, 1e21),
);

/** Strings with lone surrogates, controls, quotes and every plane. */
export const strings: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "$", "\ud800", "a\udc00b", "\u2028", '"\\\u0000', "ключ", "👩‍👩‍👧"),
);

export const keys: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ maxLength: 6 }),
    strings,
    fc.constantFrom(
      "$",
      "v",
      "0",
      "constructor",
      "prototype",
      "toJSON",
      "hasOwnProperty",
      "length",
    ),
  )
  .filter((key) => key !== "__proto__");

export const primitives: fc.Arbitrary<Primitive> = fc.oneof(
  numbers,
  strings,
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined),
);

const typedArrays = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  // A view of a part of its buffer.
  fc.uint8Array({ minLength: 4 }).map((bytes) => bytes.subarray(1, 3)),
);

const atoms: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: primitives },
  fc.date({ noInvalidDate: false }),
  typedArrays,
  fc
    .constantFrom("https://example.com/a?b#c", "data:text/plain,x", "http://ü.example/")
    .map((href) => new URL(href)),
  fc
    .constantFrom(/a/g, /[/\n]\//u, new RegExp(""), new RegExp("(?<x>\\p{L})", "dv"))
    .map((pattern) => new RegExp(pattern)),
);

/** Every value of G11, nested a few levels. */
export const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: atoms },
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 5 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 3, noNullPrototype: false }),
    fc
      .array(fc.tuple(primitives, tie("value")), { maxLength: 5 })
      .map((entries) => new Map(entries)),
    fc.array(primitives, { maxLength: 5 }).map((members) => new Set(members)),
  ),
})).value;
