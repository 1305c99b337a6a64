import {
  applyPatches,
  canonicalEncode,
  decodeServerFrame,
  encodeMessage,
} from "@holdfast/protocol";
import type { Patch, Value } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { begin, commit, others } from "./overlap.fixture.ts";
import { raw } from "./raw.ts";
import type { StateTree } from "./state-tree.ts";
import { unwrap } from "./unwrap.ts";

const KEYS = ["a", "b", "c", "d"];

/** A tree with a Map and a Set, from whose middle entries were deleted, and put back by an undo. */
function disturbed(): StateTree {
  const tree = plant({
    map: new Map(KEYS.map((key) => [key, { key }])),
    set: new Set(KEYS),
    other: {},
    n: 0,
  });
  const transaction = tree.begin();
  const { map, set } = transaction.state as Loose;
  for (const key of ["b", "a"]) {
    map.delete(key);
    set.delete(key);
  }
  transaction.undo();
  transaction.end();
  return tree;
}

const looks: Record<string, (state: Loose) => unknown[]> = {
  "the keys of a Map": ({ map }) => [...map.keys()],
  "its values": ({ map }) => [...map.values()].map(({ key }) => key),
  "its entries": ({ map }) => [...map.entries()].map(([key]) => key),
  "the Map, gone through": ({ map }) => Array.from(map as Map<string, unknown>, ([key]) => key),
  "forEach of a Map": ({ map }) => {
    const keys: unknown[] = [];
    map.forEach((_: unknown, key: unknown) => keys.push(key));
    return keys;
  },
  "the members of a Set": ({ set }) => [...set],
  "its keys": ({ set }) => [...set.keys()],
  "the entries of a Set": ({ set }) => [...set.entries()].map(([key]) => key),
  "forEach of a Set": ({ set }) => {
    const members: unknown[] = [];
    set.forEach((member: unknown) => members.push(member));
    return members;
  },
  union: ({ set }) => [...set.union(new Set())],
  difference: ({ set }) => [...set.difference(new Set())],
  symmetricDifference: ({ set }) => [...set.symmetricDifference(new Set())],
  intersection: ({ set }) => [...set.intersection(new Set([...KEYS, "e"]))],
  "a copy": ({ map }) => [...unwrap(map).keys()],
  "a copy of what holds it": (state) => [...(unwrap(state) as Loose).map.keys()],
  "the raw Map": ({ map }) => [...(raw(map) as Loose).keys()],
  "the raw Map, in what holds it": (state) => [...(raw(state) as Loose).set],
  "a Map assigned to another place": (state) => {
    state.other = state.map;
    return [...state.other.keys()];
  },
};

describe("[G4] entries that an undo has put back stand where they stood for", () => {
  for (const [name, look] of Object.entries(looks)) {
    test(name, () => {
      const transaction = disturbed().begin();
      expect(look(transaction.state)).toEqual(KEYS);
      expect(look(begin(disturbed()).state)).toEqual(KEYS);
    });
  }

  test("the committed state, and the root", () => {
    expect([...(disturbed().committed() as Loose).map.keys()]).toEqual(KEYS);
    expect([...(disturbed().root as Loose).set]).toEqual(KEYS);
  });

  const changes: Record<string, (state: Loose) => void> = {
    "that are put somewhere else": (state) => {
      const { map } = state;
      delete state.map;
      state.other.deep = { map };
    },
    "that are moved into a list": (state) => {
      const { set } = state;
      delete state.set;
      state.other = [set];
    },
    "that are written to": ({ map, set }) => {
      map.delete("c");
      map.set("c", { key: "c" });
      set.clear();
      set.add("d");
    },
    "that take the place of equal ones": (state) => {
      const { map } = state;
      state.map = new Map([...map].toReversed());
      state.map = map;
    },
    "that are cleared": ({ map, set }) => {
      map.clear();
      set.clear();
      for (const key of KEYS) map.set(key, { key });
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    test(`patches of entries ${name}`, () => {
      const tree = disturbed();
      const replica = unwrap(tree.committed());
      const other = disturbed();
      const shown = sent(replica, others(other, change));
      expect(canonicalEncode(shown)).toBe(canonicalEncode(other.committed()));
    });
  }
});

describe("[G21] a deletion and its undo cost what they change, at 100,000 entries", () => {
  for (const kind of ["Map", "Set"]) {
    test(`of a ${kind}, also when it is taken out and made again for others`, () => {
      const keys = Array.from({ length: 100_000 }, (_, n) => `key ${n}`);
      const it = kind === "Map" ? new Map(keys.map((key) => [key, key])) : new Set(keys);
      const tree = plant({ it, n: 0 });
      // What it needs to know of its order it is asked once, when a deletion is undone.
      const once = tree.begin();
      (once.state as Loose).it.delete("key 5");
      once.undo();
      once.end();
      const uses = usesOf((tree.root as Loose).it);
      for (let round = 0; round < 10; round++) {
        const transaction = tree.begin();
        (transaction.state as Loose).it.delete(`key ${round + 100}`);
        transaction.derive();
        transaction.undo();
        transaction.end();
      }
      expect(uses).toEqual({ cheap: 20, whole: 0 });
      const handler = begin(tree);
      handler.state.it.delete("key 7");
      for (let round = 0; round < 10; round++) {
        others(tree, (state) => state.n++);
        void handler.state.n;
      }
      commit(handler);
      expect(uses).toEqual({ cheap: 20 + 1 + 20, whole: 0 });
    });

    test(`of a ${kind}, the first ones look at what stands before, until a list of all is worth it`, () => {
      const keys = Array.from({ length: 1_000 }, (_, n) => `key ${n}`);
      const it = kind === "Map" ? new Map(keys.map((key) => [key, key])) : new Set(keys);
      const tree = plant({ it });
      const node = (tree.root as Loose).it;
      const seen: number[] = [];
      Object.defineProperty(node, "keys", {
        enumerable: false,
        *value() {
          const call = seen.push(0) - 1;
          for (const key of Set.prototype.keys.call(new Set(keys))) {
            if (!node.has(key)) continue;
            seen[call] = (seen[call] ?? 0) + 1;
            yield key;
          }
        },
      });
      for (let n = 0; n < 5; n++) others(tree, (state) => state.it.delete(keys[n]));
      expect(seen).toEqual([1, 1, 1, 1, 1]);
      seen.length = 0;
      for (let n = 0; n < 8; n++) others(tree, (state) => state.it.delete(keys[900 + n]));
      // The last one made the list, which knows what is asked from then on.
      expect(seen.map((count) => Math.ceil(count / 100))).toEqual([9, 9, 9, 9, 9, 10]);
      const failing = tree.begin();
      (failing.state as Loose).it.delete("key 500");
      failing.undo();
      failing.end();
      const expected = keys.filter((_, n) => n >= 5 && (n < 900 || n >= 908));
      expect(
        [...(tree.committed() as Loose).it].map((one) => (kind === "Map" ? one[0] : one)),
      ).toEqual(expected);
    });
  }
});

/** Counts what is done to a raw Map or Set from now on: to one entry of it, or to all. */
function usesOf(node: Loose): { cheap: number; whole: number } {
  const uses = { cheap: 0, whole: 0 };
  for (const name of ["set", "add", "delete"]) count(name, "cheap");
  for (const name of ["clear", "keys", "values", "entries", "forEach"]) count(name, "whole");
  return uses;

  function count(name: string, as: "cheap" | "whole"): void {
    const method = node[name];
    if (method === undefined) return;
    Object.defineProperty(node, name, {
      configurable: true,
      enumerable: false,
      value(...args: unknown[]) {
        uses[as]++;
        return method.apply(node, args);
      },
    });
  }
}

/** What a client has that knew `before`, and gets the patches as they are encoded now. */
function sent(before: unknown, patches: readonly Patch[]): Value {
  const text = encodeMessage({ type: "commit", version: 1, mark: "aaaaaa", patches });
  const [message] = decodeServerFrame(text);
  if (message?.type !== "commit") throw new Error("a commit came back as something else");
  // True because it is a copy of the state.
  return applyPatches(before as Value, message.patches);
}
