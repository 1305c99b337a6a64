import { canonicalEncode } from "@holdfast/protocol";
import type { Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { Damage } from "../damage.ts";
import { Checkpointed, items } from "./checkpointed.fixture.ts";

const named = (name: (index: number) => string): Value => ({
  all: Object.fromEntries(items(3_000).map((item, index) => [name(index), item])),
});

describe("a container that was cut, after a wake", () => {
  test.each<[string, Value, string[]]>([
    ["names", named((index) => `k${index}`), ["k5", "k1500", "k2999"]],
    ["numbers", named(String), ["5", "1500", "2999"]],
    ["a number in its last part", named((index) => `k${index}`), ["7", "k5", "k1500", "7"]],
    [
      "names that hold what looks like a tag",
      named((index) => (index === 1_500 ? `k"$"${index}` : `k${index}`)),
      ["k5", 'k"$"1500', "k2999"],
    ],
  ])("[G21] knows which part has which key: %s", (_, state, keys) => {
    const checkpointed = new Checkpointed(state);
    if (keys.includes("7")) {
      checkpointed.change({ op: "add", path: ["all", "7"], value: { text: "" } });
      checkpointed.checkpoint();
    }
    for (const key of keys) {
      const { partition, state: woken } = checkpointed.read();
      checkpointed.partition = partition;
      checkpointed.state = woken;
      checkpointed.change({ op: "replace", path: ["all", key, "text"], value: `${key} changed` });
      expect(checkpointed.checkpoint()).toBe(1);
      expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(checkpointed.state));
    }
  });

  test.each<[string, (body: string) => string]>([
    ["is cut off", (body) => body.slice(0, -20)],
    ["is nothing", () => ""],
    ["is of another kind", (body) => `[${body}]`],
    ["has lost a key", (body) => body.replace(/"k\d+":\{[^}]*\},/, "")],
    ["goes on behind its end", (body) => `${body},"more":{}}`],
    ["begins with what is no key", (body) => body.replace("{", "{}")],
  ])("[G20] the one part that cannot be read is named: it %s", (_, damage) => {
    const checkpointed = new Checkpointed(named((index) => `k${index}`));
    const row = checkpointed.rows().find(({ body }) => body.includes('"k1500":'));
    if (!row) throw new Error("The key stands in no row.");
    expect(damage(row.body)).not.toBe(row.body);
    checkpointed.sql.run(
      "UPDATE holdfast_parts SET body = ? WHERE slot = ?",
      damage(row.body),
      row.slot,
    );
    const read = (): unknown => checkpointed.read();
    expect(read).toThrow(Damage);
    expect(read).toThrow(expect.objectContaining({ slots: [row.slot] }));
  });
});
