import { canonicalEncode, cloneValue, DEFAULT_LIMITS } from "@holdfast/protocol";
import type { Patch, Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { randomPatch, randomValue, seeded } from "../random-patches.fixture.ts";
import { Checkpointed, items, SMALL } from "./checkpointed.fixture.ts";

describe("what is read back", () => {
  test.each<[string, Value]>([
    ["an empty object", {}],
    ["plain fields", { count: 1, name: "a", none: null }],
    ["a long array", { list: items(5_000) }],
    [
      "an object with many keys, some of them numbers",
      Object.fromEntries(
        items(3_000).map((item, index) => [index % 2 ? `k${index}` : String(index), item]),
      ),
    ],
    [
      "a Map whose keys are of every kind",
      {
        map: new Map<never, Value>([
          ["1", 1],
          [1, 2],
          [1n, 3],
          [NaN, 4],
          [null, 5],
          [undefined, 6],
          [true, 7],
          [-0, 8],
          ...items(3_000).map((item, index) => [`k${index}`, item]),
        ] as never),
      },
    ],
    [
      "a large Set",
      {
        set: new Set([
          NaN,
          null,
          undefined,
          0,
          "0",
          0n,
          ...Array.from({ length: 20_000 }, (_, index) => `member ${index}`),
        ]),
      },
    ],
    ["a long string with characters of every width", { text: "aé日😀\ud800\u0001".repeat(40_000) }],
    ["a large typed array", { bytes: new Uint8Array(300_000).map((_, index) => index) }],
    ["a large bigint", { number: 10n ** 9_999n }],
    [
      "large values in large values",
      { a: { b: { c: items(2_000), d: new Map([["e", items(2_000)]]) }, f: "x".repeat(100_000) } },
    ],
    ["a list of large values", { list: Array.from({ length: 20 }, () => items(500)) }],
    ["one key that is larger than a part", { ["k".repeat(100_000)]: 1, list: items(10) }],
    [
      "values that look like tags and placeholders",
      { list: [null, { $: "Map", v: [] }, ...items(3_000)], $: items(3_000) },
    ],
  ])("equals what was written: %s", (_, state) => {
    const checkpointed = new Checkpointed(cloneValue(state));
    expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(state));
  });

  test("the order of a Map and a Set cut into runs is kept", () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `key ${(index * 7919) % 5_000}`);
    const checkpointed = new Checkpointed({
      map: new Map(keys.map((key) => [key, 1])),
      set: new Set(keys),
    });
    const state = checkpointed.read().state as { map: Map<string, number>; set: Set<string> };
    expect([...state.map.keys()]).toEqual(keys);
    expect([...state.set]).toEqual(keys);
  });
});

describe("[G21] the rows of a checkpoint follow the change", () => {
  test("a state of 1 MB is cut into parts of at most 64 KB", () => {
    const checkpointed = new Checkpointed({
      list: items(20_000),
      text: "é日😀".repeat(30_000),
      map: new Map(items(5_000).map((item, index) => [index, item])),
    });
    const sizes = checkpointed.rows().map(({ body }) => Buffer.byteLength(body));
    expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(1_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(DEFAULT_LIMITS.partBytes);
  });

  test.each<[string, Patch[], number]>([
    ["nothing", [], 0],
    ["a field beside large ones", [{ op: "replace", path: ["count"], value: 2 }], 1],
    ["an item in the middle", [{ op: "replace", path: ["list", 2_000, "text"], value: "new" }], 1],
    ["an append", [{ op: "splice", path: ["list"], index: 4_000, remove: 0, value: items(1) }], 1],
    ["a shift", [{ op: "splice", path: ["list"], index: 0, remove: 1, value: [] }], 1],
    ["an insertion in the middle", [{ op: "add", path: ["list", 1_999], value: items(1) }], 1],
    [
      "an item moved from the front to the end",
      [
        { op: "splice", path: ["list"], index: 0, remove: 1, value: [] },
        { op: "add", path: ["list", 3_999], value: items(1) },
      ],
      2,
    ],
    ["a Map entry", [{ op: "replace", path: ["map", 800, "text"], value: "new" }], 1],
    [
      "a Map entry removed and added at the end",
      [
        { op: "remove", path: ["map", 10] },
        { op: "add", path: ["map", 10], value: 1 },
      ],
      2,
    ],
    ["a member of a Set", [{ op: "members", path: ["set"], remove: ["m2000"], value: [] }], 1],
    ["a key of a large object", [{ op: "replace", path: ["table", "key 700"], value: 0 }], 1],
    ["an append to a long string", [{ op: "append", path: ["text"], value: "more" }], 1],
    [
      "two neighbours exchanged",
      [
        {
          op: "order",
          path: ["list"],
          permutation: Array.from({ length: 4_000 }, (_, index) =>
            index === 5 ? 6 : index === 6 ? 5 : index,
          ),
        },
      ],
      1,
    ],
    ["a large value removed", [{ op: "remove", path: ["text"] }], 1],
  ])("%s", (_, patches, rows) => {
    const checkpointed = new Checkpointed({
      count: 1,
      list: items(4_000),
      map: new Map(items(1_000).map((item, index) => [index, item])),
      set: new Set(Array.from({ length: 4_000 }, (_, index) => `m${index}`)),
      table: Object.fromEntries(items(1_000).map((item, index) => [`key ${index}`, item])),
      text: "x".repeat(100_000),
    });
    checkpointed.change(...patches);
    expect(checkpointed.partition.dirty).toBe(rows);
    expect(checkpointed.checkpoint()).toBe(rows);
    expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(checkpointed.state));
  });

  test("a list of large values in another order", () => {
    const checkpointed = new Checkpointed({
      list: Array.from({ length: 20 }, (_, at) => [at, ...items(500)]),
    });
    const rows = checkpointed.rows().length;
    const permutation = Array.from({ length: 20 }, (_, at) => 19 - at);
    for (let round = 0; round < 5; round++) {
      checkpointed.change({ op: "order", path: ["list"], permutation });
      expect(checkpointed.checkpoint()).toBe(1);
      expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(checkpointed.state));
    }
    expect(checkpointed.rows().length).toBeLessThanOrEqual(rows + 2);
  });

  test("large values that shrink give up their rows with the next change around them", () => {
    const large = Array.from({ length: 200 }, (_, at) => [`k${at}`, "x".repeat(300)]);
    const checkpointed = new Checkpointed(Object.fromEntries(large), SMALL);
    for (let at = 0; at < 200; at++) {
      checkpointed.change({ op: "replace", path: [`k${at}`], value: [at] });
    }
    checkpointed.checkpoint();
    expect(checkpointed.read().partition.used).toBeLessThan(20);
    const list = items(100);
    checkpointed.change({ op: "add", path: ["list"], value: list });
    checkpointed.checkpoint();
    checkpointed.change({ op: "splice", path: ["list"], index: 1, remove: 99, value: [] });
    checkpointed.checkpoint();
    const { used } = checkpointed.read().partition;
    checkpointed.change({ op: "add", path: ["last"], value: 1 });
    checkpointed.checkpoint();
    expect(checkpointed.read().partition.used).toBe(used - 1);
    expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(checkpointed.state));
  });

  test("a list that grows item by item writes each of its parts a few times only", () => {
    const checkpointed = new Checkpointed({ list: [] });
    let written = 0;
    for (let index = 0; index < 10_000; index += 10) {
      checkpointed.change({ op: "splice", path: ["list"], index, remove: 0, value: items(10) });
      written += checkpointed.checkpoint();
    }
    expect(checkpointed.rows().length).toBeGreaterThan(20);
    expect(written).toBeLessThan(1_000 * 1.1);
  });

  test("a queue keeps as many rows as it has content, however much goes through it", () => {
    const checkpointed = new Checkpointed({ queue: items(2_000) });
    const before = checkpointed.rows().length;
    for (let round = 0; round < 300; round++) {
      checkpointed.change(
        { op: "splice", path: ["queue"], index: 0, remove: 100, value: [] },
        { op: "splice", path: ["queue"], index: 1_900, remove: 0, value: items(100) },
      );
      checkpointed.checkpoint();
    }
    expect(checkpointed.rows().length).toBeLessThanOrEqual(before * 2 + 64);
  });

  test("rows that a shrunken state left behind are deleted, a few at a time", () => {
    const checkpointed = new Checkpointed({ list: items(20_000) }, SMALL);
    expect(checkpointed.rows().length).toBeGreaterThan(1_000);
    checkpointed.change({ op: "replace", path: ["list"], value: [] });
    checkpointed.checkpoint();
    let rows = checkpointed.rows().length;
    for (let round = 0; round < 100; round++) {
      checkpointed.change({ op: "replace", path: ["list"], value: [round] });
      checkpointed.checkpoint();
      expect(rows - checkpointed.rows().length).toBeLessThanOrEqual(64);
      rows = checkpointed.rows().length;
    }
    expect(rows).toBeLessThan(70);
    expect(checkpointed.read().state).toEqual({ list: [99] });
  });
});

describe("a checkpoint that fails", () => {
  test("leaves the one before as it was, and what it should have written is written by the next", () => {
    const checkpointed = new Checkpointed({ count: 0, list: items(5_000) });
    const before = canonicalEncode(checkpointed.state);
    checkpointed.change(
      { op: "replace", path: ["count"], value: 1 },
      { op: "splice", path: ["list"], index: 10, remove: 4_000, value: items(3_000) },
    );
    checkpointed.failCheckpoint();
    expect(canonicalEncode(checkpointed.read().state)).toBe(before);
    checkpointed.checkpoint();
    expect(canonicalEncode(checkpointed.read().state)).toBe(canonicalEncode(checkpointed.state));
  });
});

test("parts of a checkpoint that is not finished do not count", () => {
  const checkpointed = new Checkpointed({ count: 0, list: items(3_000) });
  const before = canonicalEncode(checkpointed.state);
  checkpointed.change(
    { op: "replace", path: ["count"], value: 1 },
    { op: "splice", path: ["list"], index: 5, remove: 900, value: items(2_000) },
  );
  // Durable, as when parts are written over several commits, but no meta row names their round.
  checkpointed.partition.write(checkpointed.state);
  expect(canonicalEncode(checkpointed.read().state)).toBe(before);
});

describe("random patches", () => {
  test.each(Array.from({ length: 16 }, (_, seed) => seed))(
    "seed %i: every checkpoint reads back as the state",
    { timeout: 60_000 },
    (seed) => {
      const random = seeded(seed);
      const limits = seed % 3 === 0 ? { ...SMALL, partBytes: 400 } : SMALL;
      const initial = Object.fromEntries(
        Array.from({ length: 4 }, (_, index) => [`k${index}`, randomValue(random, 30)]),
      );
      const checkpointed = new Checkpointed(initial, limits);
      for (let round = 0; round < 25; round++) {
        for (let count = random(12); count >= 0; count--) {
          checkpointed.change(randomPatch(random, checkpointed.state, 8));
        }
        if (random(4) === 0) checkpointed.failCheckpoint();
        else checkpointed.checkpoint();
        if (random(2) === 0) continue;
        if (checkpointed.partition.dirty > 0) checkpointed.checkpoint();
        const read = checkpointed.read();
        expect(canonicalEncode(read.state)).toBe(canonicalEncode(checkpointed.state));
        expect(checkpointed.partition.misfits).toBe(0);
        if (random(2) === 0) continue;
        // As after a wake: what was read goes on.
        checkpointed.state = read.state;
        checkpointed.partition = read.partition;
      }
    },
  );
});
