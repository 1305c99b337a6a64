import type { Random } from "./seeded-random.fixture.ts";

/** JSON text; keys now and then with escapes that stand for the same characters. */
export function write(random: Random, json: unknown): string {
  if (json instanceof Raw) return json.text;
  if (Array.isArray(json)) return `[${json.map((item) => write(random, item)).join(",")}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  const entries = json instanceof Entries ? json.entries : Object.entries(json);
  return `{${entries.map(([key, value]) => `${writeKey(random, key)}:${write(random, value)}`).join(",")}}`;
}

/** Text that is written as it is, so that a frame may hold what no JSON value could. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object whose keys may repeat and may be called anything. */
export class Entries {
  readonly entries: readonly [string, unknown][];

  constructor(entries: readonly [string, unknown][]) {
    this.entries = entries;
  }
}

function writeKey(random: Random, key: string): string {
  const text = JSON.stringify(key);
  if (random() < 0.9) return text;
  return text.replace(/[a-z_]/, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
