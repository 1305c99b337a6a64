import { describe, expect, test } from "vitest";
import { act, look, refused } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";

const members = [1, "1", null, undefined, Number.NaN, true, 5n, "x"];
const initial = { set: new Set<unknown>(members), other: new Set([1, "y"]) };

const READS: Record<string, (set: Loose, other: Loose) => unknown> = {
  has: (set) => [set.has(1), set.has("1"), set.has(2), set.has(Number.NaN), set.has({})],
  size: (set) => set.size,
  keys: (set) => [...set.keys()],
  values: (set) => [...set.values()],
  entries: (set) => [...set.entries()],
  iteration: (set) => [...set],
  forEach: (set) => {
    const seen: unknown[] = [];
    set.forEach(function (this: unknown, member: unknown, again: unknown, whole: unknown) {
      seen.push([this, member, again, whole === set]);
    }, "self");
    return seen;
  },
  union: (set, other) => [set.union(other), set.union(new Set([7])), new Set([7]).union(set)],
  intersection: (set, other) => [set.intersection(other), new Set([7, 1]).intersection(set)],
  difference: (set, other) => [set.difference(other), new Set([7, 1]).difference(set)],
  symmetricDifference: (set, other) => set.symmetricDifference(other),
  isSubsetOf: (set, other) => [set.isSubsetOf(other), new Set([1]).isSubsetOf(set)],
  isSupersetOf: (set, other) => [set.isSupersetOf(other), set.isSupersetOf(new Set([1]))],
  isDisjointFrom: (set, other) => set.isDisjointFrom(other),
  kind: (set) => [set instanceof Set, Object.prototype.toString.call(set), set.keys === set.values],
};

const WRITES: Record<string, (set: Loose) => unknown> = {
  add: (set) => set.add(2).add(1) === set,
  delete: (set) => [set.delete(1), set.delete(1), set.delete("1")],
  clear: (set) => set.clear(),
  "add and delete on the way": (set) => {
    const seen = [];
    for (const member of set) {
      seen.push(member);
      if (seen.length < 12) set.add(`${seen.length}`);
      set.delete("x");
    }
    return seen;
  },
};

describe("a tracked Set reads and writes like an ordinary one", () => {
  for (const [name, read] of Object.entries(READS)) {
    test(name, () => {
      const expected = read(new Set(members), new Set([1, "y"]));
      look(initial, ({ set, other }) => expect(read(set, other)).toEqual(expected));
    });
  }

  for (const [name, write] of Object.entries(WRITES)) {
    test(name, () => {
      const plain = new Set(members);
      const expected = write(plain);
      const { root } = act(initial, ({ set }) => expect(write(set)).toEqual(expected));
      expect([...root.set]).toEqual([...plain]);
    });
  }
});

test("[G11] a tracked Set refuses members that are no primitives, properties and freezing", () => {
  const code = "VALUE_UNSUPPORTED";
  for (const member of [{}, [], new Date(), Symbol("s"), () => 1]) {
    refused(initial, ({ set }) => set.add(member), {
      code,
      message: /^state\.set cannot have a \w+ as a member of a Set/,
    });
  }
  refused(initial, (state) => state.set.add(state.other), { code });
  refused(initial, ({ set }) => set.add(10n ** 20_000n), { code });
  refused(initial, ({ set }) => (set.name = 1), { code, message: /add\(member\)/ });
  refused(initial, ({ set }) => Object.freeze(set), { code });
  refused(
    initial,
    ({ set }) => set.add("k".repeat(300)),
    { code: "VALUE_TOO_LARGE" },
    { valueBytes: 200 },
  );
});
