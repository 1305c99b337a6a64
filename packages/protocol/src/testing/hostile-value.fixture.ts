import { Entries, Raw } from "./loose-json.fixture.ts";
import { below, pick, type Random } from "./seeded-random.fixture.ts";

/** What nobody should take for a value, or only with care. */
export function hostileValue(random: Random): unknown {
  return pick(random, HOSTILE_VALUES)(random);
}

/** A number that is off by a little, or no number at all. */
export function tamperNumber(random: Random, number: number): Raw {
  return new Raw(pick(random, NUMBERS)(number));
}

const NUMBERS: readonly ((number: number) => string)[] = [
  (number) => String(number + 1),
  (number) => String(-number),
  (number) => String(number + 0.5),
  (number) => `${number}e0`,
  () => "-0",
  () => "-1",
  () => "1e999",
  () => "-1e999",
  () => "1e-999",
  () => "9007199254740991",
  () => "9007199254740992",
  () => "4294967295",
  () => "4294967296",
  () => "2147483648",
  () => "0x10",
  () => "01",
  () => "NaN",
  () => "1".repeat(400),
];

const HOSTILE_VALUES: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => [],
  () => ({}),
  () => "__proto__",
  () => ["__proto__", "polluted"],
  () => ["constructor", "prototype", "polluted"],
  () => new Entries([["__proto__", { polluted: true }]]),
  () => new Entries([["constructor", { prototype: { polluted: true } }]]),
  () =>
    new Entries([
      ["toJSON", "x"],
      ["length", 4_294_967_295],
    ]),
  (random) => hostileNumber(random, 1_000),
  (random) => ({ $: pick(random, TAGS), v: pick(random, CONTENTS)(random) }),
  (random) => ({ $: pick(random, TAGS) }),
  (random) => [
    pick(random, OPERATIONS),
    ["list", below(random, 3)],
    hostileNumber(random, 10),
    hostileNumber(random, 10),
    [],
  ],
  (random) => [pick(random, OPERATIONS), ["constructor"], 1],
  nested,
  nested,
  nested,
  (random) => Array(below(random, 3_000)).fill(0),
  (random) => "x".repeat(below(random, 100_000)),
  () => new Raw("x".repeat(300_000)),
];

const TAGS = [
  "Map",
  "Set",
  "Date",
  "URL",
  "RegExp",
  "bigint",
  "object",
  "undefined",
  "NaN",
  "-0",
  "Uint8Array",
  "Float64Array",
  "BigInt64Array",
  "Object",
  "Function",
  "__proto__",
  "constructor",
];

const CONTENTS: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => "AA==",
  () => "A",
  () => "9".repeat(20_000),
  () => ["(a+)+$", "gg"],
  () => ["(".repeat(500), ""],
  () => "https://[",
  () => [["__proto__", { polluted: true }]],
  () => [
    ["a", 1],
    ["a", 2],
  ],
  () => [[{}, 1]],
  () => [1, 1],
  () => 8.64e15 + 1,
  nested,
];

const OPERATIONS = [
  "add",
  "replace",
  "remove",
  "splice",
  "order",
  "members",
  "append",
  "move",
  "__proto__",
];

function hostileNumber(random: Random, end: number): Raw {
  return new Raw(pick(random, NUMBERS)(below(random, end)));
}

/** Nesting around every limit, and now and then far beyond. */
function nested(random: Random): Raw {
  const levels = random() < 0.9 ? 58 + below(random, 20) : below(random, 40_000);
  const [open, close] = pick(random, [
    ["[", "]"],
    ['{"a":', "}"],
    ['{"$":"Map","v":[[1,', "]]}"],
    ['{"$":"object","v":[["$",', "]]}"],
  ] as const);
  return new Raw(`${open.repeat(levels)}0${close.repeat(levels)}`);
}
