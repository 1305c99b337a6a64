/** Gives numbers from 0 up to 1. */
export type Random = () => number;

/** The same numbers for the same seed, on every platform (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * One frame as no honest peer sends it, though a few come out valid: a valid frame whose values,
 * keys, numbers or characters were tampered with, in one to four ways. Beginning with valid frames
 * matters: what is refused at its first character proves little about what comes behind.
 *
 * @example hostileFrame(seededRandom(1), [encodeMessage(hello), encodeMessage(action)])
 */
export function hostileFrame(random: Random, validFrames: readonly string[]): string {
  const frame = pick(random, validFrames);
  const tamperings = 1 + below(random, 3);
  let text = frame;
  if (random() < 0.75) {
    let json = JSON.parse(frame) as unknown;
    for (let count = 0; count < tamperings; count++) {
      json = random() < 0.1 ? several(random, json, validFrames) : tamper(random, json);
    }
    text = write(random, json);
    if (random() < 0.7) return text;
  }
  for (let count = 0; count < tamperings; count++) text = scribble(random, text, validFrames);
  return text;
}

/** Text that is written as it is, so that a frame may hold what no JSON value could. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Changes one place of `json`: itself or, more often, one inside. */
function tamper(random: Random, json: unknown): unknown {
  if (typeof json !== "object" || json === null || json instanceof Raw || random() < 0.15) {
    return replacement(random, json);
  }
  if (Array.isArray(json)) return tamperList(random, json);
  // True because JSON.parse makes nothing else.
  return tamperObject(random, json as Record<string, unknown>);
}

function tamperList(random: Random, list: readonly unknown[]): unknown {
  const copy = [...list];
  const index = below(random, copy.length + 1);
  const way = random();
  if (way < 0.6 && index < copy.length) copy[index] = tamper(random, copy[index]);
  else if (way < 0.7) copy.splice(index, 1);
  else if (way < 0.8) copy.splice(index, 0, hostileValue(random));
  else if (way < 0.9 && index < copy.length) copy.splice(index, 0, copy[index]);
  else copy.reverse();
  return copy;
}

function tamperObject(random: Random, object: Readonly<Record<string, unknown>>): unknown {
  const entries = Object.entries(object);
  const index = below(random, entries.length);
  const [key, value] = entries[index] ?? ["x", 0];
  const way = random();
  if (way < 0.6) entries[index] = [key, tamper(random, value)];
  else if (way < 0.68) entries.splice(index, 1);
  else if (way < 0.76) entries.push([pick(random, KEYS), hostileValue(random)]);
  else if (way < 0.84) entries[index] = [pick(random, KEYS), value];
  // The same key twice: what one reader takes, another overlooks.
  else if (way < 0.92) entries.push([key, hostileValue(random)]);
  else entries.reverse();
  return new Entries(entries);
}

/** An object whose keys may repeat and may be called anything. */
class Entries {
  readonly entries: readonly [string, unknown][];

  constructor(entries: readonly [string, unknown][]) {
    this.entries = entries;
  }
}

/** Something of the same kind that is off by a little, or something else altogether. */
function replacement(random: Random, json: unknown): unknown {
  if (random() < 0.4) return hostileValue(random);
  if (typeof json === "number") return new Raw(pick(random, NUMBERS)(json));
  if (typeof json === "string") {
    return pick(random, [
      json + json,
      json.slice(1),
      `${json}\u0000`,
      "",
      json.toUpperCase(),
      "x".repeat(300),
    ]);
  }
  return [json];
}

function several(random: Random, json: unknown, validFrames: readonly string[]): unknown {
  const others = Array.from(
    { length: below(random, 4) },
    () => JSON.parse(pick(random, validFrames)) as unknown,
  );
  return [json, ...others].flat(random() < 0.8 ? 1 : 0);
}

function hostileValue(random: Random): unknown {
  return pick(random, HOSTILE_VALUES)(random);
}

const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "toJSON",
  "length",
  "$",
  "v",
  "type",
  "seq",
  "version",
  "",
  "\\",
  "\n",
  "\ud800",
  "0",
  "4294967295",
];

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
  (random) => new Raw(pick(random, NUMBERS)(below(random, 1_000))),
  (random) => ({ $: pick(random, TAGS), v: pick(random, CONTENTS)(random) }),
  (random) => ({ $: pick(random, TAGS) }),
  (random) => [
    pick(random, OPERATIONS),
    ["list", below(random, 3)],
    hostileNumber(random),
    hostileNumber(random),
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

function hostileNumber(random: Random): Raw {
  return new Raw(pick(random, NUMBERS)(below(random, 10)));
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

/** JSON text; keys now and then with escapes that stand for the same characters. */
function write(random: Random, json: unknown): string {
  if (json instanceof Raw) return json.text;
  if (Array.isArray(json)) return `[${json.map((item) => write(random, item)).join(",")}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  const entries = json instanceof Entries ? json.entries : Object.entries(json);
  return `{${entries.map(([key, value]) => `${writeKey(random, key)}:${write(random, value)}`).join(",")}}`;
}

function writeKey(random: Random, key: string): string {
  const text = JSON.stringify(key);
  if (random() < 0.9) return text;
  return text.replace(/[a-z_]/, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** Tampers with the characters themselves. */
function scribble(random: Random, text: string, validFrames: readonly string[]): string {
  const at = below(random, text.length + 1);
  const length = below(random, random() < 0.8 ? 4 : text.length + 1);
  const noise = pick(random, NOISE);
  switch (below(random, 7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + length);
    case 3:
      return text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at);
    case 4:
      return text.slice(0, at) + pick(random, validFrames) + text.slice(at);
    case 5:
      return text.slice(0, at) + String.fromCharCode(below(random, 65_536)) + text.slice(at + 1);
    default:
      return text.slice(0, at) + noise + text.slice(at + length);
  }
}

const NOISE = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\u0000",
  "\u0000",
  "\ud800",
  "\ufeff",
  "null",
  "-",
  "e9",
  "//",
  '"__proto__":{"polluted":1},',
];

function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

function pick<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  // True because every list here has items, and the index is within it.
  return items[below(random, items.length)] as T;
}
