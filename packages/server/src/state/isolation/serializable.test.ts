import { describe, expect, test } from "vitest";
import { plant } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";
import { begin, commit, CONFLICT, others } from "../overlap.fixture.ts";
import { raw } from "../raw.ts";
import { unwrap } from "../unwrap.ts";

const initial = () => ({
  out: 0,
  n: 0,
  deep: { x: { n: 0 } },
  list: [3, 1, 2],
  items: [{ id: 1 }, { id: 2 }],
  map: new Map<string, Loose>([["a", 0]]),
  set: new Set(["a"]),
  due: new Date(0),
});

type Look = (state: Loose) => unknown;

/** What a handler reads, and what others do meanwhile that makes it another thing. */
const reads: Record<string, [read: Look, meanwhile: Look]> = {
  "a field": [(state) => state.n, (state) => state.n++],
  "a field that is not there": [(state) => state.fresh, (state) => (state.fresh = 1)],
  "`in`": [(state) => "fresh" in state, (state) => (state.fresh = 1)],
  "the keys of an object": [(state) => Object.keys(state.deep), (state) => (state.deep.y = 1)],
  "a spread object": [(state) => ({ ...state.deep.x }), (state) => state.deep.x.n++],
  "a serialised object": [(state) => JSON.stringify(state.deep), (state) => state.deep.x.n++],
  "a copy": [(state) => unwrap(state.deep), (state) => state.deep.x.n++],
  "a copy made by assignment": [(state) => (state.out = state.deep), (state) => state.deep.x.n++],
  "raw state": [(state) => raw(state.deep), (state) => state.deep.x.n++],
  "a Map's entry": [(state) => state.map.get("a"), (state) => state.map.set("a", 1)],
  "Map.has": [(state) => state.map.has("b"), (state) => state.map.set("b", 1)],
  "Map.size": [(state) => state.map.size, (state) => state.map.set("b", 1)],
  "Map.keys": [(state) => [...state.map.keys()], (state) => state.map.delete("a")],
  "the entries of a Map": [(state) => [...state.map], (state) => state.map.set("a", 1)],
  "Map.forEach": [(state) => state.map.forEach(() => {}), (state) => state.map.clear()],
  "what Map.delete tells": [(state) => state.map.delete("b"), (state) => state.map.set("b", 1)],
  "Set.has": [(state) => state.set.has("b"), (state) => state.set.add("b")],
  "Set.size": [(state) => state.set.size, (state) => state.set.add("b")],
  "the members of a Set": [(state) => [...state.set], (state) => state.set.clear()],
  "a union of Sets": [(state) => state.set.union(new Set()), (state) => state.set.add("b")],
  "a plain Set's union with it": [
    (state) => new Set().union(state.set),
    (state) => state.set.add("b"),
  ],
  "the length of an array": [(state) => state.list.length, (state) => state.list.push(1)],
  "an item": [(state) => state.list[0], (state) => state.list.shift()],
  "an item that is not there": [(state) => state.list[3], (state) => state.list.push(1)],
  "the items of an array": [(state) => [...state.list], (state) => (state.list[0] = 9)],
  "a search": [(state) => state.list.indexOf(2), (state) => state.list.reverse()],
  "a reduction": [
    (state) => state.list.reduce((sum: number, item: number) => sum + item),
    (state) => state.list.push(1),
  ],
  "a joined array": [(state) => state.list.join(), (state) => state.list.push(1)],
  "what push tells": [(state) => state.list.push(5), (state) => state.list.push(6)],
  "what pop tells": [(state) => state.list.pop(), (state) => state.list.push(6)],
  "a field of an item that others remove": [
    (state) => state.items[1].id,
    (state) => state.items.pop(),
  ],
  "a node that others replace": [(state) => state.deep.x, (state) => (state.deep = { x: 1 })],
  "a Date": [(state) => state.due, (state) => state.due.setTime(5)],
};

describe("[G5] serializable: whatever was read has to be as it was", () => {
  for (const [name, [read, meanwhile]] of Object.entries(reads)) {
    test(name, () => {
      const tree = plant(initial());
      const handler = begin(tree, "serializable");
      read(handler.state);
      handler.state.done = true;
      others(tree, (state) => void meanwhile(state));
      expect(() => commit(handler)).toThrow(CONFLICT);
    });

    test(`${name}, with nobody else`, () => {
      const tree = plant(initial());
      const handler = begin(tree, "serializable");
      read(handler.state);
      handler.state.done = true;
      others(tree, (state) => (state.elsewhere = 1));
      read(handler.state);
      expect(commit(handler).length).toBeGreaterThan(0);
    });
  }

  test("two reads of one place that differ have no serial order, whatever comes later", () => {
    const tree = plant(initial());
    const handler = begin(tree, "serializable");
    void handler.state.n;
    others(tree, (state) => (state.n = 1));
    void handler.state.n;
    others(tree, (state) => (state.n = 0));
    expect(() => commit(handler)).toThrow(CONFLICT);
  });

  test("what it reads of its own writes is its own", () => {
    const tree = plant(initial());
    const handler = begin(tree, "serializable");
    const { state } = handler;
    state.n = 5;
    state.map.set("b", 1);
    state.fresh = { list: [1] };
    state.fresh.list.push(2);
    others(tree, (now) => (now.deep.x.n = 1));
    expect([state.n, state.map.get("b"), state.fresh.list.length]).toEqual([5, 1, 2]);
    commit(handler);
  });

  test("write skew: of two handlers that each read what the other writes, one loses", () => {
    const tree = plant({ ann: true, bob: true });
    const one = begin(tree, "serializable");
    const two = begin(tree, "serializable");
    if (one.state.bob) one.state.ann = false;
    if (two.state.ann) two.state.bob = false;
    commit(one);
    expect(() => commit(two)).toThrow(CONFLICT);
    two.transaction.end();
    expect(tree.committed()).toEqual({ ann: false, bob: true });
  });

  test("one that only reads is validated too, and may always read what nobody changes", () => {
    const tree = plant(initial());
    const one = begin(tree, "serializable");
    const two = begin(tree, "serializable");
    expect([one.state.n, two.state.out]).toEqual([0, 0]);
    others(tree, (state) => state.n++);
    expect(() => one.transaction.derive()).toThrow(CONFLICT);
    expect(two.transaction.derive()).toEqual([]);
  });
});
