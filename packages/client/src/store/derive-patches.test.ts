import { applyPatches, DEFAULT_LIMITS, encodePatches, type Value } from "@holdfast/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivePatches } from "./derive-patches.ts";
import { runRecipe } from "./recipe.ts";

interface Item {
  id?: number;
  text: string;
  done?: boolean;
}

interface State {
  count: number;
  text: string;
  items: Item[];
  numbers: number[];
  map: Map<number, Item>;
  set: Set<number>;
  more?: unknown;
}

function initial(): State {
  return {
    count: 0,
    text: "abc",
    items: [1, 2, 3, 4, 5].map((id) => ({ id, text: `t${id}`, done: false })),
    numbers: [7, 7, 8, 9],
    map: new Map([1, 2, 3].map((key) => [key, { text: `m${key}` }])),
    set: new Set([1, 2, 3]),
  };
}

function derive(recipe: (draft: State) => unknown, state: State = initial()) {
  // True because the state is one.
  const base = state as unknown as Value;
  const next = runRecipe(base, (draft) => void recipe(draft as unknown as State));
  const patches = derivePatches(base, next, DEFAULT_LIMITS);
  expect(applyPatches(base, patches)).toEqual(next);
  return patches;
}

describe("a recipe's patches", () => {
  test.each<[string, (draft: State) => unknown, unknown]>([
    ["nothing", () => undefined, []],
    ["what cancels out", (draft) => [draft.count++, draft.count--], []],
    ["a field", (draft) => draft.count++, [["replace", ["count"], 1]]],
    ["a text that grows", (draft) => (draft.text += "d"), [["append", ["text"], "d"]]],
    [
      "an item's field",
      (draft) => ((draft.items[2] as Item).done = true),
      [["replace", ["items", 2, "done"], true]],
    ],
    [
      "two items' fields",
      (draft) => {
        for (const item of draft.items.slice(1, 3)) item.done = true;
      },
      [
        ["replace", ["items", 2, "done"], true],
        ["replace", ["items", 1, "done"], true],
      ],
    ],
    [
      "an item pushed",
      (draft) => draft.items.push({ text: "x" }),
      [["splice", ["items"], 5, 0, [{ text: "x" }]]],
    ],
    [
      "an item put in front",
      (draft) => draft.items.unshift({ text: "x" }),
      [["splice", ["items"], 0, 0, [{ text: "x" }]]],
    ],
    ["an item taken out", (draft) => draft.items.splice(1, 1), [["splice", ["items"], 1, 1, []]]],
    [
      "one of equal numbers: the first it may have been",
      (draft) => draft.numbers.splice(1, 1),
      [["splice", ["numbers"], 0, 1, []]],
    ],
    ["the length", (draft) => (draft.items.length = 2), [["splice", ["items"], 2, 3, []]]],
    [
      "an item moved and another changed",
      (draft) => {
        draft.items.push(draft.items.shift() as Item);
        (draft.items[1] as Item).done = true;
      },
      [
        ["splice", ["items"], 5, 0, [{ id: 1, text: "t1", done: false }]],
        ["replace", ["items", 2, "done"], true],
        ["splice", ["items"], 0, 1, []],
      ],
    ],
    [
      "Map entries",
      (draft) => {
        draft.map.delete(1);
        draft.map.set(4, { text: "n" });
        (draft.map.get(2) as Item).text = "z";
      },
      [
        ["remove", ["map", 1]],
        ["replace", ["map", 2, "text"], "z"],
        ["add", ["map", 4], { text: "n" }],
      ],
    ],
    [
      "Map order",
      (draft) => {
        const first = draft.map.get(1) as Item;
        draft.map.delete(1);
        draft.map.set(1, first);
      },
      [["order", ["map"], [1, 2, 0]]],
    ],
    [
      "Set members",
      (draft) => {
        draft.set.delete(2);
        draft.set.add(9);
      },
      [["members", ["set"], [2], [9]]],
    ],
    [
      "keys",
      (draft) => {
        draft.more = [1];
      },
      [["add", ["more"], [1]]],
    ],
  ])("%s", (_name, recipe, expected) => {
    expect(JSON.parse(encodePatches(derive(recipe)))).toEqual(expected);
  });

  test("[G21] unshift on 1,000 items is one patch", () => {
    const items = Array.from({ length: 1_000 }, (_, id) => ({ id, text: "" }));
    expect(
      derive((draft) => draft.items.unshift({ text: "x" }), { ...initial(), items }),
    ).toHaveLength(1);
  });

  test("sorting is one order", () => {
    const items = Array.from({ length: 100 }, (_, id) => ({ id, text: String((id * 37) % 100) }));
    const patches = derive((draft) => draft.items.sort((a, b) => Number(a.text) - Number(b.text)), {
      ...initial(),
      items,
    });
    expect(patches).toMatchObject([{ op: "order", path: ["items"] }]);
  });

  test("so many that no server takes them become one", () => {
    const items = Array.from({ length: 1_500 }, (_, id) => ({ id, text: "" }));
    const patches = derive(
      (draft) => {
        for (const item of draft.items) item.text = "x";
      },
      { ...initial(), items },
    );
    expect(patches).toMatchObject([{ op: "replace", path: ["items"] }]);
  });

  test("an item that was swapped and changed is not taken for the one that stood there", () => {
    const items = [
      { text: "a", done: false },
      { text: "b", done: false },
    ];
    const patches = derive(
      (draft) => {
        const [a, b] = draft.items as [Item, Item];
        draft.items = [b, a];
        b.done = a.done = true;
      },
      { ...initial(), items },
    );
    expect(patches.every(({ path }) => path.length < 3)).toBe(true);
  });

  test("values are copies: what a recipe was given stays the caller's", () => {
    const mine = { text: "mine" };
    const [patch] = derive((draft) => draft.items.push(mine));
    mine.text = "changed";
    expect(patch).toMatchObject({ value: [{ text: "mine" }] });
  });

  test.each<[string, (draft: State) => unknown]>([
    ["a function", (draft) => (draft.more = () => 1)],
    ["an instance", (draft) => (draft.more = new (class Thing {})())],
    ["an own __proto__", (draft) => (draft.more = JSON.parse('{"__proto__":{"x":1}}'))],
    [
      "a cycle",
      (draft) => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        draft.more = cycle;
      },
    ],
    ["a sparse array", (draft) => (draft.items.length = 40)],
  ])("[G11] %s is refused", (_name, recipe) => {
    expect(() => derive(recipe)).toThrow();
  });

  test("make the new state of the old one, whatever the recipe did", () => {
    const step = fc.tuple(fc.nat(11), fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        derive((draft) => {
          for (const one of steps) edit(draft, ...one);
        });
      }),
      { numRuns: 3_000 },
    );
  });
});

function edit(draft: State, what: number, a: number, b: number): void {
  const { items, numbers } = draft;
  const item = items[a % (items.length || 1)];
  if (what === 0) items.splice(a, b % 3, ...Array.from({ length: b % 2 }, () => ({ text: "n" })));
  else if (what === 1 && item) item.done = !item.done;
  else if (what === 2) items.reverse();
  else if (what === 3) items.sort((x, y) => x.text.localeCompare(y.text));
  else if (what === 4 && item) items.push(item, { text: "p", id: b });
  else if (what === 5) numbers.splice(a % 4, 1, b, b);
  else if (what === 6) numbers.sort();
  else if (what === 7) draft.map.set(a, { text: String(b) });
  else if (what === 8) draft.map.delete(a);
  else if (what === 9 && !draft.set.delete(a)) draft.set.add(a);
  else if (what === 10) draft.text = draft.text.slice(a % 3) + b;
  else if (what === 11 && item) draft.items = items.filter((_, index) => index !== b);
}
