import { describe, expect, test } from "vitest";
import { plant } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { begin, commit, CONFLICT, others } from "../overlap.fixture.ts";

describe("a blind push", () => {
  const fine: Record<string, [meanwhile: (list: Loose) => void, after: number[]]> = {
    push: [(list) => list.push(4), [1, 2, 3, 4, 9]],
    unshift: [(list) => list.unshift(0), [0, 1, 2, 3, 9]],
    shift: [(list) => list.shift(), [2, 3, 9]],
    "a splice in front of the last item": [(list) => list.splice(1, 1, 7, 8), [1, 7, 8, 3, 9]],
    "an assigned item": [(list) => (list[2] = 30), [1, 2, 30, 9]],
    "a push that is taken back": [
      (list) => {
        list.push(4);
        list.pop();
      },
      [1, 2, 3, 9],
    ],
  };
  for (const [name, [meanwhile, after]] of Object.entries(fine)) {
    test(`does not meet ${name}`, () => {
      const tree = plant({ list: [1, 2, 3] });
      const handler = begin(tree);
      handler.state.list.push(9);
      others(tree, (state) => meanwhile(state.list));
      expect(handler.state.list.at(-1)).toBe(9);
      commit(handler);
      expect(tree.committed()).toEqual({ list: after });
    });
  }

  const met: Record<string, (list: Loose) => void> = {
    pop: (list) => list.pop(),
    "a splice of the last item": (list) => list.splice(2, 1, 7),
    "a cut": (list) => (list.length = 1),
    reverse: (list) => list.reverse(),
    "the removal of all": (list) => list.splice(0),
  };
  for (const [name, meanwhile] of Object.entries(met)) {
    test(`meets ${name}`, () => {
      const tree = plant({ list: [1, 2, 3] });
      const handler = begin(tree);
      handler.state.list.push(9);
      others(tree, (state) => meanwhile(state.list));
      expect(() => commit(handler)).toThrow(CONFLICT);
    });
  }

  test("meets the end of the list itself", () => {
    const tree = plant({ list: [1] });
    const handler = begin(tree);
    handler.state.list.push(9);
    others(tree, (state) => (state.list = [...state.list, 2]));
    expect(() => commit(handler)).toThrow(CONFLICT);
  });

  test("of two handlers both succeed, in the order of their commits, push after push", () => {
    const tree = plant({ list: [0] });
    const one = begin(tree);
    const two = begin(tree);
    one.state.list.push("one");
    two.state.list.push("two");
    one.state.list.push("one again");
    two.state.list.push("two again");
    expect(commit(two)).toEqual([
      { op: "splice", path: ["list"], index: 1, remove: 0, value: ["two", "two again"] },
    ]);
    others(tree, (state) => state.list.unshift("front"));
    one.state.list.push("one at last");
    expect(commit(one)).toEqual([
      {
        op: "splice",
        path: ["list"],
        index: 4,
        remove: 0,
        value: ["one", "one again", "one at last"],
      },
    ]);
    expect(tree.committed()).toEqual({
      list: ["front", 0, "two", "two again", "one", "one again", "one at last"],
    });
  });

  test("onto an empty list, or a list that becomes empty and is filled again", () => {
    const tree = plant({ list: [] as number[] });
    const one = begin(tree);
    one.state.list.push(1);
    others(tree, (state) => state.list.push(2));
    others(tree, (state) => state.list.unshift(3));
    commit(one);
    expect(tree.committed()).toEqual({ list: [3, 2, 1] });
  });

  test("stays blind when the list is read afterwards, and what it has pushed is its own", () => {
    const tree = plant({ list: [{ n: 0 }] });
    const one = begin(tree);
    one.state.list.push({ n: 1 });
    const pushed = one.state.list.at(-1);
    expect(one.state.list).toHaveLength(2);
    others(tree, (state) => state.list.push({ n: 2 }));
    pushed.n = 10;
    commit(one);
    expect(tree.committed()).toEqual({ list: [{ n: 0 }, { n: 2 }, { n: 10 }] });
  });

  test("tells a length that is no index any more when others have pushed too", () => {
    const tree = plant({ list: [0] });
    const one = begin(tree);
    const length = one.state.list.push(1);
    others(tree, (state) => state.list.push(2));
    expect(() => (one.state.list[length - 1] = 5)).toThrow(CONFLICT);
  });

  test("is not blind if the list was looked at before", () => {
    const looks: ((list: Loose) => unknown)[] = [
      (list) => list.length,
      (list) => list[0],
      (list) => [...list],
      (list) => list.some((item: number) => item === 9),
      (list) => JSON.stringify(list),
    ];
    for (const look of looks) {
      const tree = plant({ list: [1, 2, 3] });
      const handler = begin(tree);
      look(handler.state.list);
      handler.state.list.push(9);
      others(tree, (state) => state.list.push(4));
      expect(() => commit(handler)).toThrow(CONFLICT);
    }
  });

  test("beside an assigned item: each keeps its place", () => {
    const tree = plant({ list: [1, 2, 3] });
    const handler = begin(tree);
    handler.state.list.push(9);
    others(tree, (state) => state.list.push(4));
    handler.state.list[1] = 20;
    others(tree, (state) => state.list.push(5));
    commit(handler);
    expect(tree.committed()).toEqual({ list: [1, 20, 3, 4, 5, 9] });
  });
});
