import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { HoldfastError } from "../errors.ts";
import { values } from "../testing/arbitraries.fixture.ts";
import { refusal } from "../testing/refusal.fixture.ts";
import { sameValue } from "../testing/same-value.fixture.ts";
import { canonicalEncode } from "./canonical-encode.ts";
import { cloneValue } from "./clone-value.ts";
import { decodeValue, encodeValue } from "./encode-value.ts";
import { fromJson } from "./from-json.ts";
import { TYPED_ARRAYS } from "./kind-of.ts";
import { toJson } from "./to-json.ts";
import { Walk } from "./walk.ts";

const plainWalk = () => new Walk([], {});

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level++) value = level % 2 ? { a: value } : [value];
  return value;
}

describe("round trips", () => {
  test("[G11] every value comes back from its text as it was", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(sameValue(value, decodeValue(encodeValue(value)))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("[G11] every value comes back from a clone as it was, sharing nothing", () => {
    fc.assert(
      fc.property(values, (value) => {
        const clone = cloneValue(value);
        expect(sameValue(value, clone)).toBe(true);
        const ofValue = new Set(objectsIn(value));
        for (const object of objectsIn(clone)) expect(ofValue.has(object)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[P60] a text is plain ASCII-safe JSON of valid UTF-8: lone surrogates are escaped", () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = encodeValue(value);
        expect(text.isWellFormed()).toBe(true);
        expect(() => JSON.parse(text)).not.toThrow();
      }),
    );
  });

  test("[P60] plain values are plain JSON, neither copied nor changed on either side", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
        fc.pre(!/[\\$]|"__proto__"/.test(JSON.stringify(value)));
        // JSON text has no −0.
        const plain = JSON.parse(JSON.stringify([value, text])) as unknown;
        const before = structuredClone(plain);
        expect(toJson(plain, 0, plainWalk())).toBe(plain);
        expect(encodeValue(plain)).toBe(JSON.stringify(plain));
        expect(fromJson(plain, 0, plainWalk())).toBe(plain);
        expect(plain).toEqual(before);
      }),
    );
  });

  test("encoding changes nothing in a value that has to be tagged", () => {
    const date = new Date(0);
    const value = { list: [1, date], $: { date } };
    encodeValue(value);
    expect(value).toEqual({ list: [1, date], $: { date } });
    expect(value.list[1]).toBe(date);
  });

  test.each<[string, unknown, string]>([
    ["undefined", undefined, '{"$":"undefined"}'],
    ["NaN", NaN, '{"$":"NaN"}'],
    ["Infinity", [Infinity, -Infinity], '[{"$":"Infinity"},{"$":"-Infinity"}]'],
    ["-0", { a: -0 }, '{"a":{"$":"-0"}}'],
    ["a bigint", -12n, '{"$":"bigint","v":"-12"}'],
    ["a Date", new Date(0), '{"$":"Date","v":0}'],
    ["an invalid Date", new Date(NaN), '{"$":"Date","v":null}'],
    ["a Map", new Map([[1n, "a"]]), '{"$":"Map","v":[[{"$":"bigint","v":"1"},"a"]]}'],
    ["a Set", new Set([1, "1"]), '{"$":"Set","v":[1,"1"]}'],
    ["a URL", new URL("https://example.com"), '{"$":"URL","v":"https://example.com/"}'],
    ["a RegExp", /a\/b/gi, '{"$":"RegExp","v":["a\\\\/b","gi"]}'],
    ["typed arrays", new Uint16Array([1, 258]), '{"$":"Uint16Array","v":"AQACAQ=="}'],
    [
      "a part of a buffer",
      new Uint8Array([9, 1, 2, 9]).subarray(1, 3),
      '{"$":"Uint8Array","v":"AQI="}',
    ],
    ["what looks like a tag", { $: "Map", v: [] }, '{"$":"object","v":[["$","Map"],["v",[]]]}'],
    [
      "what looks like that",
      { $: "object", v: { $: 1 } },
      '{"$":"object","v":[["$","object"],["v",{"$":"object","v":[["$",1]]}]]}',
    ],
  ])("[P61] %s has exactly this text", (_what, value, text) => {
    expect(encodeValue(value)).toBe(text);
    expect(sameValue(decodeValue(text), value)).toBe(true);
  });

  test("[P62] no text has a key that JSON escapes: V8 reads such keys wrongly", () => {
    // The engine's own bug, where it has it: this poisons its memory of object shapes.
    JSON.parse('{"poisoned":1,"\\\\":2}');
    for (const key of ["\n", '"', "\\", "\ud800", "\u0000", "a\\", '"quoted"']) {
      const value = { poisoned: 1, [key]: 2 };
      expect(encodeValue(value)).toMatch(/^\{"\$":"object","v":\[\["poisoned",1\],/);
      expect(decodeValue(encodeValue(value))).toEqual(value);
    }
    expect(encodeValue({ "a b/ü\u007f": 1 })).toBe('{"a b/ü\u007f":1}');
  });

  test.each(Object.entries(TYPED_ARRAYS))(
    "[P63] %s keeps its kind and every bit",
    (kind, TypedArray) => {
      // Some of these bits are NaNs that carry a payload, and a view may begin anywhere.
      const bytes = Uint8Array.from({ length: 64 }, (_, index) => (index * 37 + 240) % 256);
      const view = new TypedArray(bytes.buffer);
      for (const value of [view, view.subarray(1, 3), view.subarray(0, 0)]) {
        for (const copy of [decodeValue(encodeValue(value)), cloneValue(value)]) {
          expect(Object.getPrototypeOf(copy)).toBe(TypedArray.prototype);
          expect(encodeValue(value)).toContain(`"${kind}"`);
          expect(sameValue(copy, value)).toBe(true);
          expect((copy as typeof view).buffer.byteLength).toBe(value.byteLength);
        }
      }
    },
  );

  test("[P64] an object without a prototype becomes an ordinary one", () => {
    const bare = Object.assign(Object.create(null), { a: 1 }) as object;
    for (const copy of [decodeValue(encodeValue(bare)), cloneValue(bare)]) {
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
      expect(copy).toEqual({ a: 1 });
    }
  });

  test("own keys that other objects inherit are ordinary keys", () => {
    const value = { constructor: 1, prototype: 2, hasOwnProperty: 3, toString: null, toJSON: "x" };
    expect(decodeValue(encodeValue(value))).toEqual(value);
    expect(cloneValue(value)).toEqual(value);
  });
});

class Account {
  name = "x";
}
class Names extends Map<string, string> {}

const symbolKeyed = { [Symbol("s")]: 1 };
// eslint-disable-next-line no-sparse-arrays
const sparse = [1, , 3];
const ownProto = JSON.parse('{"__proto__":{"admin":true}}') as object;
const cyclic: { self?: unknown } = {};
cyclic.self = [cyclic];

describe.each([
  ["encodeValue", encodeValue],
  ["cloneValue", cloneValue],
])("%s refuses", (_name, take: (value: unknown) => unknown) => {
  test.each<[string, unknown, RegExp]>([
    ["a function", () => 1, /is a function/],
    ["a symbol", Symbol("s"), /is a symbol/],
    ["a symbol key", symbolKeyed, /symbol as a key/],
    ["an instance of a class", new Account(), /an instance of Account/],
    ["an instance of a subclass", new Names(), /an instance of Names/],
    ["an array of a subclass", new (class List extends Array {})(), /an instance of List/],
    ["an object in array's clothes", Object.create(Array.prototype), /an instance of Array/],
    ["a Buffer", Buffer.from("x"), /is a Buffer.*new Uint8Array\(value\)/],
    ["a DataView", new DataView(new ArrayBuffer(1)), /an instance of DataView/],
    ["an ArrayBuffer", new ArrayBuffer(1), /an instance of ArrayBuffer/],
    ["an Error", new Error("x"), /an instance of Error/],
    ["a promise", Promise.resolve(), /Await it/],
    ["a WeakMap", new WeakMap(), /an instance of WeakMap/],
    ["a boxed string", Object("x"), /an instance of String/],
    ["an own __proto__ key", ownProto, /"__proto__"/],
    ["a Map with an object as key", new Map([[{}, 1]]), /Map with a key that is not a primitive/],
    [
      "a Map with a function as key",
      new Map([[() => 1, 1]]),
      /Map with a key that is not a primitive/,
    ],
    ["a Set with an object", new Set([[]]), /Set with a member that is not a primitive/],
    ["a view of shared memory", new Uint8Array(new SharedArrayBuffer(1)), /shared memory/],
    ["a bigint that takes long to parse", 10n ** 10_000n, /10,000 digits/],
  ])("[G11][P65] %s, naming the path", (_what, value, message) => {
    expect(refusal(() => take(value))).toMatchObject({ code: "VALUE_UNSUPPORTED" });
    const { code, message: text } = refusal(() =>
      take({ users: [new Map<unknown, unknown>([["a b", { it: value }]])] }),
    );
    expect(code).toBe("VALUE_UNSUPPORTED");
    expect(text).toMatch(/^state\.users\[0\]\["a b"\]\.it /);
    expect(text).toMatch(message);
  });

  test("[G11][P65] a hole, naming its index", () => {
    expect(refusal(() => take({ list: sparse }))).toMatchObject({
      code: "VALUE_UNSUPPORTED",
      message: expect.stringMatching(/^state\.list\[1\] is a hole/),
    });
    expect(refusal(() => take(Array(2 ** 32 - 1))).code).toBe("VALUE_UNSUPPORTED");
  });

  test("[G11][P66] a cycle, saying where it leads", () => {
    expect(refusal(() => take({ a: { b: cyclic } }))).toMatchObject({
      code: "VALUE_TOO_DEEP",
      message: expect.stringMatching(/^state\.a\.b\.self\[0\] refers back to state\.a\.b: /),
    });
    const map = new Map<string, unknown>();
    map.set("me", map);
    expect(refusal(() => take(map)).message).toMatch(/^state\.me refers back to state: /);
  });

  test("[P66] more than 64 levels, and no stack overflow at 100,000", () => {
    expect(take(nested(64))).toBeDefined();
    expect(refusal(() => take(nested(65)))).toMatchObject({
      code: "VALUE_TOO_DEEP",
      message: expect.stringMatching(/deeper than 64 levels/),
    });
    expect(refusal(() => take(nested(100_000))).code).toBe("VALUE_TOO_DEEP");
  });
});

test("[P66] depth counts from the root of the state, and the limit can be set", () => {
  const at = ["a", 0, 1n];
  expect(() => encodeValue(nested(61), at)).not.toThrow();
  expect(refusal(() => encodeValue(nested(62), at)).message).toMatch(/^state\.a\[0\]\[1n\]/);
  expect(() => decodeValue(encodeValue(nested(61)), at)).not.toThrow();
  expect(refusal(() => decodeValue(encodeValue(nested(62)), at)).code).toBe("VALUE_TOO_DEEP");
  expect(refusal(() => cloneValue(nested(3), [], { depth: 2, root: "payload" })).message).toMatch(
    /^payload\[0\]\.a/,
  );
});

test("[P66] whatever encodes also decodes: atoms may stand at the deepest place", () => {
  let value: unknown = [undefined, 1n, new Date(0), new Uint8Array(2), /x/, new URL("a:b"), NaN];
  for (let level = 1; level < 64; level++) value = new Map([[level, value]]);
  expect(sameValue(decodeValue(encodeValue(value)), value)).toBe(true);
  expect(refusal(() => encodeValue([value])).code).toBe("VALUE_TOO_DEEP");
});

describe("decodeValue", () => {
  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["a key __proto__", '{"a":{"__proto__":1}}'],
    ["an escaped __proto__", '{"a":{"\\u005f_proto\\u005F_":{"admin":true}}}'],
    ["__proto__ under a tag", '{"$":"object","v":[["$",1],["__proto__",{}]]}'],
    ["__proto__ in a Map", '{"$":"Map","v":[["a",{"__proto__":{}}]]}'],
    ["an unknown tag", '{"$":"WeakMap","v":[]}'],
    ["an inherited name as a tag", '{"$":"toString","v":"AA=="}'],
    ["__proto__ as a tag", '{"$":"__proto__","v":"AA=="}'],
    ["a tag that is no string", '{"$":1,"v":[]}'],
    ["a tag without content", '{"$":"Map"}'],
    ["content where there is none", '{"$":"NaN","v":1}'],
    ["content under another name", '{"$":"Map","w":[]}'],
    ["something beside the content", '{"$":"Map","v":[],"w":1}'],
    ["Map entries that are none", '{"$":"Map","v":[["a"]]}'],
    ["Map entries that are too long", '{"$":"Map","v":[["a",1,2]]}'],
    ["a Map key twice", '{"$":"Map","v":[["a",1],["a",2]]}'],
    ["a Map key twice, as 0 and -0", '{"$":"Map","v":[[0,1],[{"$":"-0"},2]]}'],
    ["a Map key that is no primitive", '{"$":"Map","v":[[[],1]]}'],
    ["a Map key that is a Date", '{"$":"Map","v":[[{"$":"Date","v":1},1]]}'],
    ["a Set member twice", '{"$":"Set","v":[1,1]}'],
    ["a Set member that is no primitive", '{"$":"Set","v":[{}]}'],
    ["a Set that is no list", '{"$":"Set","v":{}}'],
    ["a Date between milliseconds", '{"$":"Date","v":1.5}'],
    ["a Date beyond time", '{"$":"Date","v":8640000000000001}'],
    ["a Date in words", '{"$":"Date","v":"2020"}'],
    ["a bigint with a leading zero", '{"$":"bigint","v":"01"}'],
    ["a bigint in hex", '{"$":"bigint","v":"0x1"}'],
    ["an empty bigint", '{"$":"bigint","v":""}'],
    ["a bigint -0", '{"$":"bigint","v":"-0"}'],
    ["a bigint too long", `{"$":"bigint","v":"${"9".repeat(10_001)}"}`],
    ["a URL that is none", '{"$":"URL","v":"//"}'],
    ["a RegExp that is none", '{"$":"RegExp","v":["(",""]}'],
    ["RegExp flags that are none", '{"$":"RegExp","v":["a","xyz"]}'],
    ["a RegExp of three parts", '{"$":"RegExp","v":["a","g",0]}'],
    ["bytes that are no base64", '{"$":"Uint8Array","v":"A"}'],
    ["base64 with blanks", '{"$":"Uint8Array","v":"AA ="}'],
    ["base64 without padding", '{"$":"Uint8Array","v":"AA"}'],
    ["bytes that make no whole elements", '{"$":"Uint32Array","v":"AAAAAAA="}'],
    ["an object tag around an object", '{"$":"object","v":{"a":1}}'],
    ["a key twice", '{"$":"object","v":[["a",1],["a",1]]}'],
    ["a key that is no string", '{"$":"object","v":[[1,1]]}'],
    ["an entry that is none", '{"$":"object","v":[["a"]]}'],
  ])("[P61][P65] refuses %s", (_what, text) => {
    expect(refusal(() => decodeValue(text)).code).toBe("VALUE_UNSUPPORTED");
  });

  test("names the path", () => {
    expect(refusal(() => decodeValue('{"a":[1,{"$":"Map","v":[[2,{"$":"x"}]]}]}')).message).toMatch(
      /^state\.a\[1\]\[2\] is not readable/,
    );
  });

  test.each([
    ["arrays", "[".repeat(100_000)],
    ["closed arrays", "[".repeat(100_000) + "]".repeat(100_000)],
    ["objects", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
    ["Maps", '{"$":"Map","v":[[1,'.repeat(100_000) + "1" + "]]}".repeat(100_000)],
    ["Map keys", '{"$":"Map","v":[['.repeat(100_000) + "1" + ",1]]}".repeat(100_000)],
    ["object tags", '{"$":"object","v":[["$",'.repeat(100_000) + "1" + "]]}".repeat(100_000)],
  ])("[G17][P66] refuses 100,000 nested %s before the stack overflows", (_what, text) => {
    expect(["VALUE_TOO_DEEP", "VALUE_UNSUPPORTED"]).toContain(
      refusal(() => decodeValue(text)).code,
    );
  });

  test.each([
    "undefined",
    "NaN",
    "bigint",
    "Date",
    "URL",
    "RegExp",
    "Uint8Array",
    "object",
    "nothing",
  ])(
    "[G17] refuses a tag %s around or beside 100,000 levels before the stack overflows",
    (name) => {
      const deep = "[".repeat(100_000) + "]".repeat(100_000);
      for (const text of [
        `{"$":"${name}","v":${deep}}`,
        `{"$":"${name}","v":[${deep},${deep}]}`,
        `{"$":"${name}","v":1,"w":${deep}}`,
        `{"$":"${name}","w":${deep}}`,
        `{"$":${deep},"v":"${name}"}`,
        `{"$":["${name}"],"v":${deep}}`,
      ]) {
        expect(refusal(() => decodeValue(text)).code).toMatch(/^VALUE_/);
      }
    },
  );

  test("[G17] a bigint of very many digits is refused without being parsed, in whatever it is wrapped", () => {
    const digits = "9".repeat(200_000);
    const parse = vi.spyOn(globalThis, "BigInt");
    for (const content of [`"${digits}"`, `["${digits}"]`, `[["${digits}"]]`, digits]) {
      expect(refusal(() => decodeValue(`{"$":"bigint","v":${content}}`)).code).toBe(
        "VALUE_UNSUPPORTED",
      );
    }
    // A number, which JSON reads as Infinity, is no long text: it may be looked at.
    for (const [content] of parse.mock.calls) expect(String(content).length).toBeLessThan(100);
    parse.mockClear();
    decodeValue('{"$":"bigint","v":"9"}');
    expect(parse).toHaveBeenCalledOnce();
    parse.mockRestore();
  });

  test("[G17] no text throws anything but a HoldfastError, or touches Object.prototype", () => {
    const prototypeKeys = Reflect.ownKeys(Object.prototype);
    fc.assert(
      fc.property(
        values,
        fc.nat(),
        fc.string({ maxLength: 3 }),
        fc.nat(3),
        (value, at, noise, cut) => {
          const text = encodeValue(value);
          const place = at % (text.length + 1);
          const broken = text.slice(0, place) + noise + text.slice(place + cut);
          try {
            // What still decodes is a value of the codec.
            encodeValue(decodeValue(broken));
          } catch (error) {
            expect(error).toBeInstanceOf(HoldfastError);
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototypeKeys);
  });
});

describe("canonicalEncode", () => {
  test("[P67] is the same for every order of object keys, at every depth", () => {
    const a = { x: 1, y: [{ b: new Map([["k", { d: 1, c: 2 }]]), a: -0 }], $: 1 };
    const b = { $: 1, y: [{ a: -0, b: new Map([["k", { c: 2, d: 1 }]]) }], x: 1 };
    expect(canonicalEncode(a)).toBe(canonicalEncode(b));
  });

  test("[P67] tells the orders of Maps and Sets apart", () => {
    expect(canonicalEncode(new Set([1, 2]))).not.toBe(canonicalEncode(new Set([2, 1])));
    expect(
      canonicalEncode(
        new Map([
          [1, 1],
          [2, 2],
        ]),
      ),
    ).not.toBe(
      canonicalEncode(
        new Map([
          [2, 2],
          [1, 1],
        ]),
      ),
    );
  });

  test("[P67] is a text of the codec: two values have the same exactly if they are the same", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(sameValue(a, decodeValue(canonicalEncode(a)))).toBe(true);
        expect(canonicalEncode(a) === canonicalEncode(b)).toBe(
          sameValue(cloneValue(a), cloneValue(b)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function* objectsIn(value: unknown): Generator<object> {
  if (typeof value !== "object" || value === null) return;
  yield value;
  if (ArrayBuffer.isView(value)) yield value.buffer;
  else if (value instanceof Map) for (const child of value.values()) yield* objectsIn(child);
  else for (const child of Object.values(value)) yield* objectsIn(child);
}
