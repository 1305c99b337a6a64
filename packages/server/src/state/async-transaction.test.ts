import { applyPatches, canonicalEncode } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { begin, commit, CONFLICT, ENDED, others } from "./overlap.fixture.ts";
import { raw } from "./raw.ts";
import { unwrap } from "./unwrap.ts";

describe("[G5] isolation", () => {
  test("unpublished writes are seen by their handler and by nobody else", () => {
    const tree = plant({ n: 0, list: [1], map: new Map([["a", 1]]), set: new Set([1]) });
    const before = canonicalEncode(tree.committed());
    const one = begin(tree);
    const two = begin(tree);
    one.state.n = 1;
    one.state.list.push(2);
    one.state.map.delete("a");
    one.state.set.clear();
    expect(canonicalEncode(tree.committed())).toBe(before);
    expect(canonicalEncode(unwrap(two.state))).toBe(before);
    others(tree, (state) => expect(canonicalEncode(unwrap(state))).toBe(before));
    expect(one.state.n).toBe(1);
    expect([...one.state.list]).toEqual([1, 2]);
    expect([one.state.map.size, one.state.set.size]).toEqual([0, 0]);
    const patches = commit(one);
    const after = { n: 1, list: [1, 2], map: new Map(), set: new Set() };
    expect(tree.committed()).toEqual(after);
    expect(
      applyPatches({ n: 0, list: [1], map: new Map([["a", 1]]), set: new Set([1]) }, patches),
    ).toEqual(after);
    expect(two.state.n).toBe(1);
  });

  test("it sees what others commit meanwhile", () => {
    const tree = plant({ n: 0, list: [1] });
    const { state } = begin(tree);
    state.other = true;
    others(tree, (now) => now.list.push(2));
    expect([...state.list]).toEqual([1, 2]);
  });

  test("proxies keep their identity across awaits, whoever else touches the node", () => {
    const tree = plant({ list: [{ id: 1 }, { id: 2 }] });
    const { state } = begin(tree);
    const rival = begin(tree);
    const [first, second] = state.list;
    void rival.state.list[1].id;
    others(tree, (now) => now.list.unshift({ id: 0 }));
    expect(state.list[1]).toBe(first);
    expect(state.list.at(-1)).toBe(second);
    expect(second.id).toBe(2);
  });

  test("what another one creates is nobody's business until it is published", () => {
    const tree = plant({ items: [] as Loose[] });
    const one = begin(tree);
    const two = begin(tree);
    one.state.items.push({ id: 1 });
    const held = one.state.items[0];
    two.state.items.push({ id: 2 });
    held.done = true;
    commit(two);
    commit(one);
    expect(tree.committed()).toEqual({ items: [{ id: 2 }, { id: 1, done: true }] });
    held.done = false;
    expect(commit(one)).toEqual([{ op: "replace", path: ["items", 1, "done"], value: false }]);
  });

  test("Map and Set keep their order through switches, and iterators their place", () => {
    const tree = plant({
      map: new Map([
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ]),
      set: new Set(["x", "y", "z"]),
    });
    const { state, transaction } = begin(tree);
    state.map.delete("a");
    state.map.set("a", 9);
    const seen: unknown[] = [];
    for (const [key] of state.map) {
      seen.push(key);
      others(tree, (now) => now.map.set("b", now.map.get("b") + 1));
      if (key === "c") state.map.set("d", 4);
    }
    expect(seen).toEqual(["b", "c", "a", "d"]);
    const members: unknown[] = [];
    for (const member of state.set) {
      members.push(member);
      tree.committed();
      if (member === "x") state.set.delete("y");
    }
    expect(members).toEqual(["x", "z"]);
    expect([...(tree.committed()["map"] as Map<string, number>)].map(([key]) => key)).toEqual([
      "a",
      "b",
      "c",
    ]);
    transaction.end();
  });

  test("an array is gone through like a live one, across awaits", () => {
    const tree = plant({ list: [1, 2, 3] });
    const { state } = begin(tree);
    const seen: unknown[] = [];
    for (const item of state.list) {
      seen.push(item);
      if (item === 2) others(tree, (now) => now.list.push(4));
    }
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test("a Date that it was given and has changed is a write like any other", () => {
    const tree = plant({ due: new Date(0), n: 0 });
    const one = begin(tree);
    one.state.due.setTime(5);
    expect(tree.committed()["due"]).toEqual(new Date(0));
    others(tree, (state) => state.n++);
    expect(one.transaction.writing).toBe(true);
    expect(one.firstWrites()).toBe(1);
    expect(commit(one)).toEqual([{ op: "replace", path: ["due"], value: new Date(5) }]);
    one.state.due.setTime(6);
    expect(commit(one)).toHaveLength(1);
    expect(tree.committed()["due"]).toEqual(new Date(6));
  });

  test("unwrap and raw show committed state and own writes", () => {
    const tree = plant({ a: { n: 1 }, b: 0 });
    const { state } = begin(tree);
    state.b = 5;
    others(tree, (now) => now.a.n++);
    expect(unwrap(state)).toEqual({ a: { n: 2 }, b: 5 });
    expect(raw(state)).toEqual({ a: { n: 2 }, b: 5 });
  });

  test("a synchronous action that holds on to its state is told so", () => {
    const tree = plant({ n: 0 });
    const { state } = begin(tree);
    others(tree, () => expect(() => state.n).toThrow(ENDED));
    expect(state.n).toBe(0);
  });
});

describe("the life of an asynchronous transaction", () => {
  test("onFirstWrite is called at the first write, and again after each publish and rollback", () => {
    const tree = plant({ n: 0 });
    const handler = begin(tree);
    const { state, transaction } = handler;
    void state.n;
    expect([handler.firstWrites(), transaction.writing]).toEqual([0, false]);
    state.n = 1;
    state.n = 2;
    expect([handler.firstWrites(), transaction.writing]).toEqual([1, true]);
    commit(handler);
    expect(transaction.writing).toBe(false);
    state.n = 3;
    expect(handler.firstWrites()).toBe(2);
    transaction.rollback();
    expect([state.n, transaction.writing]).toEqual([2, false]);
    state.n = 4;
    expect(handler.firstWrites()).toBe(3);
  });

  test("[G4] commit() and then a throw rolls back only to there", () => {
    const tree = plant({ n: 0, list: [1, 2, 3] });
    const handler = begin(tree);
    handler.state.n = 1;
    commit(handler);
    handler.state.n = 2;
    handler.state.list.reverse();
    others(tree, (state) => expect(state.n).toBe(1));
    handler.transaction.rollback();
    handler.transaction.end();
    expect(tree.committed()).toEqual({ n: 1, list: [1, 2, 3] });
  });

  test("[G4] one that is ended without publishing has left no trace, and touches nothing any more", () => {
    const tree = plant({ n: 0, list: [{ id: 1 }] });
    const { state, transaction } = begin(tree);
    const [item] = state.list;
    item.id = 2;
    state.list.pop();
    transaction.end();
    transaction.end();
    expect(tree.committed()).toEqual({ n: 0, list: [{ id: 1 }] });
    expect(() => state.n).toThrow(ENDED);
    expect(() => (item.id = 3)).toThrow(ENDED);
    expect(() => transaction.derive()).toThrow(ENDED);
    expect(transaction.writing).toBe(false);
  });

  test("reads and conflicts start afresh after publish and after rollback", () => {
    const tree = plant({ n: 0, m: 0 });
    const handler = begin(tree);
    const { n } = handler.state;
    handler.state.m = 1;
    commit(handler);
    others(tree, (state) => (state.n = 5));
    handler.state.n = n + 1;
    handler.transaction.rollback();
    void handler.state.n;
    handler.transaction.rollback();
    others(tree, (state) => (state.n = 7));
    handler.state.n = 8;
    commit(handler);
    expect(tree.committed()).toEqual({ n: 8, m: 1 });
  });

  test("a conflict that the handler swallows stays, until it is rolled back", () => {
    const tree = plant({ n: 0, m: 0 });
    const { state, transaction } = begin(tree);
    const { n } = state;
    state.m = 1;
    others(tree, (now) => (now.n = 1));
    try {
      state.n = n + 1;
    } catch {
      state.m = 2;
    }
    expect(state.m).toBe(2);
    expect(() => transaction.derive()).toThrow(CONFLICT);
    expect(() => transaction.publish()).toThrow(CONFLICT);
    expect(tree.committed()).toEqual({ n: 1, m: 0 });
    transaction.rollback();
    state.m = 3;
    expect(transaction.derive()).toHaveLength(1);
  });

  test("[G4] changes that a failed durable write takes back are no commits of others", () => {
    const tree = plant({ n: 0 });
    const handler = begin(tree);
    const { n } = handler.state;
    const batch = [1, 2].map((value) => {
      const transaction = tree.begin();
      // True for a test: the state is what was planted.
      (transaction.state as Loose).n = value;
      transaction.derive();
      return transaction;
    });
    for (const transaction of batch.toReversed()) {
      transaction.undo();
      transaction.end();
    }
    handler.state.n = n + 1;
    expect(commit(handler)).toEqual([{ op: "replace", path: ["n"], value: 1 }]);
  });

  test("a synchronous transaction is not undone once others have seen it committed", () => {
    const tree = plant({ n: 0 });
    const transaction = tree.begin();
    (transaction.state as Loose).n = 1;
    const handler = begin(tree);
    transaction.end();
    expect(() => transaction.undo()).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    handler.transaction.end();
  });
});
