import { hostileValue, tamperNumber } from "./hostile-value.fixture.ts";
import { Entries, Raw, write } from "./loose-json.fixture.ts";
import { below, pick, type Random } from "./seeded-random.fixture.ts";

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

/** Something of the same kind that is off by a little, or something else altogether. */
function replacement(random: Random, json: unknown): unknown {
  if (random() < 0.4) return hostileValue(random);
  if (typeof json === "number") return tamperNumber(random, json);
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
