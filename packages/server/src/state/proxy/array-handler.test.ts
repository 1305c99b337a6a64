import { describe, expect, test } from "vitest";
import { act, look, refused } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";

const numbers = { list: [3, 1, 2] };
const items = { list: [{ id: 1 }, { id: 2 }, { id: 3 }] };
const ids = (list: Loose): number[] => list.map((item: Loose) => item.id);

describe("a tracked array", () => {
  test("reads like an ordinary one", () => {
    look(items, ({ list }) => {
      expect(list.length).toBe(3);
      expect(list[1].id).toBe(2);
      expect(list[9]).toBe(undefined);
      expect(list["-1"]).toBe(undefined);
      expect(list.at(-1)).toBe(list[2]);
      expect([...list]).toEqual([list[0], list[1], list[2]]);
      const [first, ...others] = list;
      expect(first).toBe(list[0]);
      expect(others).toEqual([list[1], list[2]]);
      expect(Array.from(list)).toHaveLength(3);
      expect([0].concat(list)).toHaveLength(4);
      expect(Object.keys(list)).toEqual(["0", "1", "2"]);
      expect(1 in list).toBe(true);
      expect(3 in list).toBe(false);
      expect("push" in list).toBe(true);
      expect(JSON.stringify(list)).toBe('[{"id":1},{"id":2},{"id":3}]');
      expect(list.constructor).toBe(Array);
      expect(list[Symbol.unscopables]).toBe(
        Array.prototype[Symbol.unscopables as unknown as number],
      );
      expect(Object.getOwnPropertyDescriptor(list, "length")?.value).toBe(3);
      expect(Object.getOwnPropertyDescriptor(list, "0")?.value).toBe(list[0]);
    });
  });

  test("sets items and its length", () => {
    const { root, patches } = act({ list: [1, 2, 3, 4] }, ({ list }) => {
      list[0] = "a";
      list[4] = "e";
      list.length = 4;
      list[list.length] = "f";
      list.length = 5;
      list["1"] = "b";
    });
    expect(root.list).toEqual(["a", "b", 3, 4, "f"]);
    expect(patches).toEqual([{ op: "replace", path: ["list"], value: ["a", "b", 3, 4, "f"] }]);
  });

  test("[G11] refuses holes and properties, and says what to do", () => {
    const code = "VALUE_UNSUPPORTED";
    refused(numbers, ({ list }) => (list[4] = 1), {
      code,
      message: /^state\.list cannot have an item at 4: it has 3 items.*push/,
    });
    refused(numbers, ({ list }) => (list.length = 4), { code, message: /length 4/ });
    refused(numbers, ({ list }) => (list.length = -1), { code });
    refused(numbers, ({ list }) => (list.length = "x"), { code });
    refused(numbers, ({ list }) => delete list[1], { code, message: /splice/ });
    refused(numbers, ({ list }) => (list.name = 1), { code, message: /property "name"/ });
    refused(numbers, ({ list }) => (list["01"] = 1), { code });
    refused(numbers, ({ list }) => (list[-1] = 1), { code });
    refused(numbers, ({ list }) => (list[1.5] = 1), { code });
    refused(numbers, ({ list }) => (list[Symbol.iterator] = 1), { code });
    refused(numbers, ({ list }) => Object.freeze(list), { code });
    refused(numbers, ({ list }) => list.push(1, [1, , 3]), {
      code,
      message: /state\.list\[4\]\[1\] is a hole/,
    });
    refused(numbers, (state) => (state.list = [1, () => 1]), {
      code,
      message: /state\.list\[1\] is a function/,
    });
  });
});

/** The same calls on plain arrays: results and what is left must be the same. */
const MUTATIONS: Record<string, (list: Loose) => unknown> = {
  push: (list) => list.push(4, 5),
  "push nothing": (list) => list.push(),
  pop: (list) => list.pop(),
  shift: (list) => list.shift(),
  unshift: (list) => list.unshift(8, 9),
  "splice()": (list) => list.splice(),
  "splice(undefined)": (list) => list.splice(undefined),
  "splice(1)": (list) => list.splice(1),
  "splice(-1)": (list) => list.splice(-1),
  "splice(1, undefined)": (list) => list.splice(1, undefined),
  "splice(1, 1)": (list) => list.splice(1, 1),
  "splice(-9, 1, …)": (list) => list.splice(-9, 1, "a", "b"),
  "splice(9, 9, …)": (list) => list.splice(9, 9, "a"),
  "splice(0.9, 1.9)": (list) => list.splice(0.9, 1.9),
  "splice(NaN, Infinity)": (list) => list.splice(Number.NaN, Infinity),
  "splice(0, -1, …)": (list) => list.splice(0, -1, "a"),
  sort: (list) => list.sort(),
  "sort by comparator": (list) =>
    list.sort((one: Loose, other: Loose) => (String(one) < String(other) ? 1 : -1)),
  reverse: (list) => list.reverse(),
  fill: (list) => list.fill(7),
  "fill(7, 1)": (list) => list.fill(7, 1),
  "fill(7, -2, -1)": (list) => list.fill(7, -2, -1),
  "fill(7, 2, 1)": (list) => list.fill(7, 2, 1),
  "copyWithin(0, 1)": (list) => list.copyWithin(0, 1),
  "copyWithin(1, 0, 2)": (list) => list.copyWithin(1, 0, 2),
  "copyWithin(-1, -3)": (list) => list.copyWithin(-1, -3),
  "copyWithin(0, 2, 1)": (list) => list.copyWithin(0, 2, 1),
  "Array.prototype.push.call": (list) => Array.prototype.push.call(list, 6),
  "Reflect.set length": (list) => Reflect.set(list, "length", 0),
};

describe("the mutating methods do what they do on a plain array", () => {
  for (const [name, mutate] of Object.entries(MUTATIONS)) {
    for (const values of [[3, 1, 2], [], [undefined, 10, 9, null, "x", 1n]]) {
      test(`${name} on ${values.length} items`, () => {
        const plain = [...values];
        const result = mutate(plain);
        const { root } = act({ list: values }, ({ list }) => {
          const found = mutate(list);
          if (result === plain) expect(found).toBe(list);
          else expect(found).toEqual(result);
        });
        expect(root.list).toEqual(plain);
      });
    }
  }
});

const READS: Record<string, (list: Loose) => unknown> = {
  map: (list) => list.map((item: Loose, at: number) => [item, at]),
  filter: (list) => list.filter((item: Loose) => item !== 1),
  find: (list) => list.find((item: Loose) => item === 2),
  "find nothing": (list) => list.find((item: Loose) => item === 99),
  findIndex: (list) => list.findIndex((item: Loose) => item === 2),
  findLast: (list) => list.findLast((item: Loose) => item === 1),
  findLastIndex: (list) => list.findLastIndex((item: Loose) => item === 1),
  some: (list) => list.some((item: Loose) => item === 2),
  every: (list) => list.every((item: Loose) => item === 2),
  reduce: (list) => list.reduce((sum: Loose, item: Loose) => `${sum}${item}`),
  "reduce from": (list) =>
    list.reduce((sum: Loose, item: Loose, at: number) => `${sum}${item}${at}`, ""),
  "reduce from undefined": (list) =>
    list.reduce((sum: Loose, item: Loose) => `${sum}${item}`, undefined),
  reduceRight: (list) =>
    list.reduceRight((sum: Loose, item: Loose, at: number) => `${sum}${item}${at}`),
  flatMap: (list) => list.flatMap((item: Loose) => [item, [item]]),
  flat: (list) => list.flat(),
  "flat(2)": (list) => list.flat(2),
  slice: (list) => list.slice(),
  "slice(1, -1)": (list) => list.slice(1, -1),
  "slice(-2)": (list) => list.slice(-2),
  concat: (list) => list.concat([7], 8, [[9]]),
  at: (list) => [
    list.at(0),
    list.at(-1),
    list.at(99),
    list.at(-99),
    list.at(undefined),
    list.at("1"),
  ],
  includes: (list) => [
    list.includes(2),
    list.includes(Number.NaN),
    list.includes(1, 3),
    list.includes(undefined),
  ],
  indexOf: (list) => [list.indexOf(1), list.indexOf(1, 1), list.indexOf(99), list.indexOf(1, -1)],
  lastIndexOf: (list) => [
    list.lastIndexOf(1),
    list.lastIndexOf(1, 0),
    list.lastIndexOf(1, undefined),
    list.lastIndexOf(1, -3),
  ],
  join: (list) => [list.join(), list.join("-"), String(list), `${list}`],
  toLocaleString: (list: Loose) => list.toLocaleString(),
  toReversed: (list) => list.toReversed(),
  toSorted: (list) => list.toSorted(),
  "toSorted by comparator": (list) => list.toSorted((one: number, other: number) => other - one),
  toSpliced: (list) => [list.toSpliced(), list.toSpliced(1), list.toSpliced(1, 1, "x")],
  with: (list) => list.with(0, "x"),
  keys: (list) => [...list.keys()],
  values: (list) => [...list.values()],
  entries: (list) => [...list.entries()],
  "iterator helpers": (list) =>
    list
      .values()
      .map((item: Loose) => [item])
      .toArray(),
  "for of": (list) => {
    const seen = [];
    for (const item of list) seen.push(item);
    return seen;
  },
};

describe("the reading methods do what they do on a plain array", () => {
  for (const [name, read] of Object.entries(READS)) {
    for (const values of [
      [3, 1, 2, 1, 10],
      [[1, [2, [3]]], 2, undefined, null, Number.NaN],
    ]) {
      test(`${name} of ${JSON.stringify(values)}`, () => {
        const expected = read([...values]);
        look({ list: values }, ({ list }) => expect(read(list)).toEqual(expected));
      });
    }
  }

  test("errors included", () => {
    look({ list: [] }, ({ list }) => {
      expect(() => list.reduce((sum: number) => sum)).toThrow(TypeError);
      expect(() => list.with(3, 1)).toThrow(RangeError);
      expect(() => list.sort("x")).toThrow(TypeError);
      expect(() => list.sort(null)).toThrow(TypeError);
      expect(list.reduce((sum: number) => sum, 5)).toBe(5);
    });
  });
});

describe("the methods of a tracked array of objects", () => {
  test("hand out the same tracked items that an index does", () => {
    look(items, ({ list }) => {
      expect(list.find((item: Loose) => item.id === 2)).toBe(list[1]);
      expect(list.findLast((item: Loose) => item.id === 2)).toBe(list[1]);
      expect(list.filter((item: Loose) => item.id === 2)[0]).toBe(list[1]);
      expect(list.slice(1)[0]).toBe(list[1]);
      expect(list.toReversed()[1]).toBe(list[1]);
      expect(list.toSorted((one: Loose, other: Loose) => other.id - one.id)[0]).toBe(list[2]);
      expect([...list.entries()][1]?.[1]).toBe(list[1]);
      expect(list.reduce((last: Loose, item: Loose) => item ?? last)).toBe(list[2]);
      expect(list.concat()[1]).toBe(list[1]);
      list.forEach(function (this: unknown, item: Loose, at: number, array: Loose) {
        expect(this).toBe("self");
        expect(item).toBe(list[at]);
        expect(array).toBe(list);
      }, "self");
    });
  });

  test("find tracked items, raw ones and copies of Dates", () => {
    look({ list: [{ id: 1 }, { id: 2 }], dates: [new Date(0), new Date(1)] }, ({ list, dates }) => {
      const [, second] = list;
      expect(list.includes(second)).toBe(true);
      expect(list.indexOf(second)).toBe(1);
      expect(list.lastIndexOf(second)).toBe(1);
      expect(list.indexOf({ id: 2 })).toBe(-1);
      expect(dates.indexOf(dates[1])).toBe(1);
      expect(dates.includes(new Date(1))).toBe(false);
    });
  });

  test("let callbacks change items, and what they change is tracked", () => {
    const { root } = act({ ...items, log: [] }, (state) => {
      state.list.forEach((item: Loose) => item.id++);
      for (const item of state.list) item.seen = true;
      state.list.find((item: Loose) => item.id === 3).found = true;
      state.list.map((item: Loose) => (item.mapped = 1));
      state.list.sort((one: Loose, other: Loose) => {
        one.compared = true;
        return other.id - one.id;
      });
    });
    expect(ids(root.list)).toEqual([4, 3, 2]);
    expect(root.list[1]).toEqual({ id: 3, seen: true, found: true, mapped: 1, compared: true });
  });

  test("go on as on a plain array when a callback changes the array", () => {
    const changes: Record<string, (list: Loose, at: number) => void> = {
      "pushes on the way": (list, at) => at < 2 && list.push({ id: 10 + at }),
      "removes on the way": (list) => list.shift(),
      "empties it": (list) => (list.length = 0),
    };
    const walks: ((list: Loose, visit: (item: Loose, at: number) => void) => unknown)[] = [
      (list, visit) => list.forEach(visit),
      (list, visit) => list.map(visit),
      (list, visit) => list.some(visit),
      (list, visit) => list.find(visit),
      (list, visit) => list.findLast(visit),
      (list, visit) => list.filter(visit),
      (list, visit) =>
        list.reduceRight((_: unknown, item: Loose, at: number) => visit(item, at), 0),
      (list, visit) => {
        let at = 0;
        for (const item of list) visit(item, at++);
      },
    ];
    for (const change of Object.values(changes)) {
      for (const walk of walks) {
        const trace = (list: Loose): unknown[] => {
          const seen: unknown[] = [];
          walk(list, (item, at) => {
            seen.push([item?.id, at]);
            change(list, at);
          });
          return [seen, ids(list)];
        };
        const expected = trace(items.list.map((item) => ({ ...item })));
        act(items, ({ list }) => expect(trace(list)).toEqual(expected));
      }
    }
  });

  test("sort an array that the comparator changes without losing or sharing an item", () => {
    const { root } = act(items, ({ list }) => {
      let isFirst = true;
      list.sort((one: Loose, other: Loose) => {
        if (isFirst) list.push({ id: 4 });
        isFirst = false;
        return other.id - one.id;
      });
    });
    expect(ids(root.list)).toEqual([3, 2, 1, 4]);
    expect(new Set(root.list).size).toBe(4);
  });

  test("fill and copyWithin give each place its own copy", () => {
    const { root } = act({ list: [{ id: 1 }, { id: 2 }, { id: 3 }], filled: [1, 2] }, (state) => {
      state.list.copyWithin(0, 1);
      state.list[0].id = 9;
      state.filled.fill({ n: 1 });
      state.filled[0].n = 2;
    });
    expect(ids(root.list)).toEqual([9, 3, 3]);
    expect(root.filled).toEqual([{ n: 2 }, { n: 1 }]);
  });

  test("sort undefined last and Dates by their text, as plain arrays do", () => {
    const dates = [
      new Date("2020-02-02T12:00"),
      new Date("2021-01-01T12:00"),
      new Date("2019-03-03T12:00"),
    ];
    const { root } = act({ dates, list: [undefined, 2, undefined, 1] }, (state) => {
      state.dates.sort();
      state.list.sort((one: number, other: number) => one - other);
    });
    expect(root.dates).toEqual([...dates].sort());
    expect(root.list).toEqual([1, 2, undefined, undefined]);
  });
});
