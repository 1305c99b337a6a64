import { describe, expect, test } from "vitest";
import { act, look, refused } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";

const entries: [unknown, unknown][] = [
  ["a", 1],
  [1, { n: 1 }],
  ["1", { n: 2 }],
  [null, [1]],
  [Number.NaN, "x"],
];
const initial = { map: new Map(entries) };

const READS: Record<string, (map: Loose) => unknown> = {
  get: (map) => [map.get("a"), map.get(Number.NaN), map.get(undefined), map.get({})],
  has: (map) => [map.has(1), map.has("1"), map.has(2), map.has(null)],
  size: (map) => map.size,
  keys: (map) => [...map.keys()],
  values: (map) => [...map.values()],
  entries: (map) => [...map.entries()],
  iteration: (map) => [...map],
  spread: (map) => new Map(map),
  forEach: (map) => {
    const seen: unknown[] = [];
    map.forEach(function (this: unknown, value: unknown, key: unknown, whole: unknown) {
      seen.push([this, value, key, whole === map]);
    }, "self");
    return seen;
  },
  "iterator helpers": (map) => map.keys().take(2).toArray(),
  kind: (map) => [map instanceof Map, Object.prototype.toString.call(map), map.constructor === Map],
  "nothing of its own": (map) => [Object.keys(map), map.missing, "x" in map, JSON.stringify(map)],
};

const WRITES: Record<string, (map: Loose) => unknown> = {
  set: (map) => map.set("b", 2).set("a", 3) === map,
  "set -0": (map) => [...map.set(-0, "zero").set(0, "one").keys()],
  delete: (map) => [map.delete("a"), map.delete("a"), map.delete(1)],
  clear: (map) => map.clear(),
  "clear and set": (map) => {
    map.clear();
    map.set("z", 1).set("a", 1);
  },
  "delete and set again": (map) => {
    map.delete("a");
    map.set("a", 1);
  },
  "delete on the way": (map) => {
    const seen = [];
    for (const [key] of map) {
      seen.push(key);
      map.delete(1);
    }
    return seen;
  },
  "set on the way": (map) => {
    const seen = [];
    for (const [key] of map) {
      seen.push(key);
      if (seen.length < 8) map.set(`new ${seen.length}`, key);
    }
    return seen;
  },
  "clear on the way": (map) => {
    const seen = [];
    for (const key of map.keys()) {
      seen.push(key);
      map.clear();
    }
    return seen;
  },
  "forEach that deletes and sets": (map) => {
    const seen: unknown[] = [];
    map.forEach((_: unknown, key: unknown) => {
      seen.push(key);
      if (seen.length < 4) {
        map.delete(key);
        map.set(key, seen.length);
      }
    });
    return seen;
  },
};

describe("a tracked Map reads and writes like an ordinary one", () => {
  for (const [name, read] of Object.entries(READS)) {
    test(name, () => {
      const expected = read(new Map(entries));
      look(initial, ({ map }) => expect(read(map)).toEqual(expected));
    });
  }

  for (const [name, write] of Object.entries(WRITES)) {
    test(name, () => {
      const plain = new Map(entries);
      const expected = write(plain);
      const { root } = act(initial, ({ map }) => expect(write(map)).toEqual(expected));
      expect([...root.map]).toEqual([...plain]);
    });
  }

  test("getOrInsert and getOrInsertComputed", () => {
    const { root } = act(initial, ({ map }) => {
      expect(map.getOrInsert("a", 9)).toBe(1);
      expect(map.getOrInsert("list", [])).toBe(map.get("list"));
      map.getOrInsert("list", []).push(1);
      expect(map.getOrInsertComputed("computed", (key: unknown) => `for ${String(key)}`)).toBe(
        "for computed",
      );
      expect(map.getOrInsertComputed("computed", () => "again")).toBe("for computed");
    });
    expect(root.map.get("list")).toEqual([1]);
  });

  test("hands out the same tracked values everywhere", () => {
    look(initial, ({ map }) => {
      const value = map.get(1);
      expect(map.get(1)).toBe(value);
      expect([...map.values()][1]).toBe(value);
      expect([...map.entries()][1]?.[1]).toBe(value);
      expect([...map][1]?.[1]).toBe(value);
      map.forEach((each: unknown, key: unknown) => key === 1 && expect(each).toBe(value));
    });
  });
});

describe("[G11] a tracked Map", () => {
  test("tells keys apart by their type, also in paths", () => {
    const { patches, root } = act(initial, ({ map }) => {
      map.get(1).n = 10;
      map.get("1").n = 20;
      map.set(Number.NaN, "y");
    });
    expect(patches).toEqual([
      { op: "replace", path: ["map", Number.NaN], value: "y" },
      { op: "replace", path: ["map", 1, "n"], value: 10 },
      { op: "replace", path: ["map", "1", "n"], value: 20 },
    ]);
    expect(root.map.get(1)).toEqual({ n: 10 });
  });

  test("refuses keys that are no primitives, properties and freezing", () => {
    const code = "VALUE_UNSUPPORTED";
    for (const key of [{}, [], new Date(), Symbol("s"), () => 1]) {
      refused(initial, ({ map }) => map.set(key, 1), {
        code,
        message: /^state\.map cannot have a \w+ as a Map key.*id/,
      });
      refused(initial, ({ map }) => map.getOrInsert(key, 1), { code });
    }
    refused(initial, ({ map }) => map.set(10n ** 20_000n, 1), { code, message: /bigint/ });
    refused(initial, ({ map }) => map.set("a", () => 1), {
      code,
      message: /^state\.map\.a is a function/,
    });
    refused(initial, ({ map }) => map.set("x", new Map([[{}, 1]])), {
      code,
      message: /^state\.map\.x/,
    });
    refused(initial, ({ map }) => (map.name = 1), {
      code,
      message: /property name.*set\(key, value\)/,
    });
    refused(initial, ({ map }) => Object.defineProperty(map, "name", { value: 1 }), { code });
    refused(initial, ({ map }) => Object.freeze(map), { code });
    refused(
      initial,
      ({ map }) => map.set("k".repeat(300), 1),
      { code: "VALUE_TOO_LARGE" },
      { valueBytes: 200 },
    );
  });

  test("may have a key __proto__, which no path can hold", () => {
    const { patches } = act(
      {
        map: new Map<string, Loose>([
          ["__proto__", { n: 1 }],
          ["a", 1],
        ]),
      },
      ({ map }) => {
        map.get("__proto__").n++;
      },
    );
    expect(patches.map(({ op, path }) => [op, path])).toEqual([["replace", ["map"]]]);
    act({ map: new Map() }, ({ map }) => map.set("__proto__", 1));
    act({ map: new Map([["__proto__", 1]]) }, ({ map }) => map.delete("__proto__"));
    act({ map: new Map([["__proto__", new Map([["__proto__", [1]]])]]) }, ({ map }) =>
      map.get("__proto__").get("__proto__").push(2),
    );
  });
});
