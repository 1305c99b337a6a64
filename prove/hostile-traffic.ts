import { encodeValue, PROTOCOL_VERSION, type Value } from "@holdfast/protocol";
import type { Random } from "@holdfast/testing/random";
import { HARMLESS } from "./target.ts";

/** What a frame may carry: most are text. */
export type Frame = string | ArrayBuffer;

/** A connection as an attacker knows it: valid ids, so that frames get beyond the first check. */
export interface Disguise {
  readonly client: string;
  readonly nextSeq: number;
}

/**
 * One hostile frame. Most begin as a valid message of the disguise, because what is refused at the
 * first character proves little about what comes behind it.
 */
export function hostileTraffic(random: Random, disguise: Disguise): Frame {
  if (random.chance(0.02)) return binary(random);
  const message = valid(random, disguise);
  const text = withNests(JSON.stringify(random.chance(0.45) ? mutated(random, message) : message));
  if (random.chance(0.2)) return scribbled(random, text);
  if (random.chance(0.1)) return spliced(random, text);
  return text;
}

/** JSON, as `JSON.parse` would give it. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function valid(random: Random, disguise: Disguise): Json {
  const messages: Json[] = [];
  const count = random.chance(0.7) ? 1 : random.between(0, 5);
  let seq = disguise.nextSeq + (random.chance(0.1) ? random.between(-3, 3) : 0);
  for (let n = 0; n < count; n++) messages.push(message(random, disguise, seq++));
  return count === 1 ? (messages[0] ?? []) : messages;
}

function message(random: Random, { client }: Disguise, seq: number): Json {
  const kind = random.next();
  if (kind < 0.2) {
    const hello: { [key: string]: Json } = {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: client, settled: seq - 1 }],
    };
    if (random.chance(0.5)) {
      hello["epoch"] = "0".repeat(22);
      hello["version"] = random.between(0, 5);
      hello["mark"] = "000000";
      hello["schema"] = "1";
    }
    return hello;
  }
  if (kind < 0.3) return { type: "seen", read: random.between(1, 100) };
  const action: { [key: string]: Json } = {
    type: "action",
    client,
    seq,
    settled: Math.max(0, seq - 1),
    name: random.pick(HARMLESS),
  };
  if (random.chance(0.7)) action["payload"] = payload(random);
  return action;
}

/** Half of them are right in every way, so that what mutates them reaches the codec's depths. */
function payload(random: Random): Json {
  const kind = random.next();
  if (kind < 0.2) return tagged(random);
  if (kind < 0.4) return evil(random);
  const values = Array.from({ length: random.between(0, 3) }, () => random.pick(RICH_VALUES));
  // Encoded by the codec itself, so it is JSON.
  return JSON.parse(encodeValue(values)) as Json;
}

/** One of everything that the codec has a form for. */
const RICH_VALUES: readonly Value[] = [
  { plain: { nested: [1, "two", null, true] } },
  { $: "a key that looks like a tag", v: 1 },
  new Map<number | string, Value>([
    [1, "number"],
    ["1", new Map([[null, new Set([NaN, -0, 2n])]])],
  ]),
  new Set(["a", undefined, 1n, Infinity]),
  [new Date(0), new Date(NaN), undefined, NaN, -Infinity, -0, 12345678901234567890n],
  [new Uint8Array([1, 2, 3]), new Float64Array([NaN, -0]), new BigInt64Array([1n])],
  [new URL("https://example.org/a?b#c"), /(a+)+$/giu],
];

/** The same JSON with one to three places made hostile. */
function mutated(random: Random, json: Json): Json {
  let result = json;
  for (let times = random.between(1, 3); times > 0; times--) result = mutatedOnce(random, result);
  return result;
}

function mutatedOnce(random: Random, json: Json): Json {
  if (typeof json !== "object" || json === null || random.chance(0.15)) return evil(random);
  if (Array.isArray(json)) {
    const copy = [...json];
    const index = random.between(0, copy.length);
    if (index < copy.length && random.chance(0.7)) copy[index] = mutatedOnce(random, copy[index]!);
    else if (random.chance(0.5)) copy.splice(index, 1);
    else copy.splice(index, 0, evil(random));
    return copy;
  }
  const entries = Object.entries(json);
  const index = random.between(0, Math.max(0, entries.length - 1));
  const entry = entries[index];
  const kind = random.next();
  if (entry === undefined || kind < 0.15) entries.push([random.pick(EVIL_KEYS), evil(random)]);
  else if (kind < 0.3) entries.splice(index, 1);
  else if (kind < 0.4) entry[0] = random.pick(EVIL_KEYS);
  else entry[1] = mutatedOnce(random, entry[1]);
  // `fromEntries` defines own properties, `__proto__` included, as `JSON.parse` does.
  return Object.fromEntries(entries);
}

const EVIL_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "$",
  "v",
  "type",
  "",
  "0",
  "-1",
  "\u0000",
  "\ud800",
  "a".repeat(5_000),
];

const EVIL_SCALARS: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  4e9,
  Number.MAX_SAFE_INTEGER,
  "",
  "__proto__",
  "constructor",
  "hello",
  "action",
  "\u0000",
  "\ud800 half a pair",
  "NaN",
  "9".repeat(400),
  "x".repeat(70_000),
  "'; DROP TABLE journal; --",
];

function evil(random: Random): Json {
  const kind = random.next();
  if (kind < 0.6) return random.pick(EVIL_SCALARS);
  if (kind < 0.7) return tagged(random);
  if (kind < 0.8) return nest(random.pick([10, 63, 64, 65, 500, 20_000]), random.chance(0.5));
  if (kind < 0.9) return { [random.pick(EVIL_KEYS)]: random.pick(EVIL_SCALARS) };
  return Array.from({ length: random.pick([0, 1, 1_000]) }, () =>
    random.pick(EVIL_SCALARS.slice(0, 12)),
  );
}

/** Tags of the codec, right and wrong. */
function tagged(random: Random): Json {
  const tag = random.pick(["Map", "Set", "Date", "bigint", "undefined", "number", "object", "URL"]);
  const others = ["RegExp", "Uint8Array", "Float64Array", "BigInt64Array", "function", "__proto__"];
  const value = random.pick<Json>([
    [],
    [[1, 2]],
    [
      [1, 2],
      [1, 3],
    ],
    [[{}, 1]],
    "1970-01-01T00:00:00.000Z",
    "NaN",
    "-0",
    "123",
    "https://example.org/",
    "AAAA",
    "(a+)+$",
    ["(", "gggg"],
    8.64e15 + 1,
    // Parsed: a literal would set the prototype instead of a key.
    JSON.parse('{"__proto__":1}') as Json,
    random.pick(EVIL_SCALARS),
  ]);
  const name = random.chance(0.7) ? tag : random.pick(others);
  return random.chance(0.8) ? { $: name, v: value } : { $: name, v: value, extra: 1 };
}

/** A marker of deep nesting: `JSON.stringify` would overflow here before the server may. */
function nest(depth: number, inObjects: boolean): Json {
  return `<nest ${depth} ${inObjects ? "{" : "["}>`;
}

function withNests(text: string): string {
  return text.replaceAll(/"<nest (\d+) ([[{])>"/g, (_, depth: string, open: string) =>
    open === "["
      ? `${"[".repeat(Number(depth))}0${"]".repeat(Number(depth))}`
      : `${'{"a":'.repeat(Number(depth))}0${"}".repeat(Number(depth))}`,
  );
}

/** Text-level damage: what a broken proxy or a fuzzer sends. */
function scribbled(random: Random, text: string): string {
  let result = text;
  for (let times = random.between(1, 4); times > 0; times--) {
    const at = random.between(0, result.length);
    const end = Math.min(result.length, at + random.between(0, 8));
    const kind = random.next();
    if (kind < 0.3) result = result.slice(0, at) + random.pick(SCRIBBLES) + result.slice(at);
    else if (kind < 0.6) result = result.slice(0, at) + result.slice(end);
    else if (kind < 0.8) result = result.slice(0, at) + random.pick(SCRIBBLES) + result.slice(end);
    else if (kind < 0.9) result = result.slice(0, at);
    else result = result.slice(0, end) + result.slice(at);
  }
  return result;
}

const SCRIBBLES = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "\\u0000",
  "null",
  "-",
  "0",
  "1e999",
  "é",
  "\u2028",
  "\ud83d",
  '"__proto__":',
  '"type":"hello",',
  "\u0000",
  " ",
  "/*",
  "//",
  "'",
];

/** Two frames in one, or one far over the limit. */
function spliced(random: Random, text: string): string {
  if (random.chance(0.1)) return `["${"x".repeat(300_000)}"]`;
  if (random.chance(0.1))
    return `[${Array.from({ length: 2_000 }, () => text)
      .join(",")
      .slice(0, 250_000)}`;
  return random.chance(0.5) ? text + text : `[${text},${text}]`;
}

function binary(random: Random): ArrayBuffer {
  const bytes = new Uint8Array(random.pick([0, 1, 16, 4_096, 300_000]));
  for (let index = 0; index < bytes.length; index++) bytes[index] = random.between(0, 255);
  return bytes.buffer;
}
