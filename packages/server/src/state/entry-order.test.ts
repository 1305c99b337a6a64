import { describe, expect, test } from "vitest";
import { plant } from "./act.fixture.ts";
import type { Loose } from "./act.fixture.ts";
import { EntryOrder, FIRST } from "./entry-order.ts";
import type { StateTree } from "./state-tree.ts";

function commit(tree: StateTree, action: (state: Loose) => void): void {
  const transaction = tree.begin();
  action(transaction.state);
  transaction.derive();
  transaction.end();
}

function undone(tree: StateTree, action: (state: Loose) => void): void {
  const transaction = tree.begin();
  action(transaction.state);
  transaction.undo();
  transaction.end();
}

describe("the order of keys", () => {
  test("is the one they were added in, and a key put back stands where it stood", () => {
    const order = new EntryOrder(["a", "b", "c", "d"]);
    const beforeC = order.remove("c");
    const beforeA = order.remove("a");
    const beforeD = order.remove("d");
    expect([...order.keys()]).toEqual(["b"]);
    expect([beforeA, beforeC, beforeD]).toEqual([FIRST, "b", "b"]);
    order.restore("d", beforeD);
    expect(order.isDisturbed).toBe(false);
    order.restore("a", beforeA);
    expect(order.isDisturbed).toBe(true);
    order.restore("c", beforeC);
    expect([...order.keys()]).toEqual(["a", "b", "c", "d"]);
    expect([...order.keysBackward()]).toEqual(["d", "c", "b", "a"]);
    order.clear();
    order.append("z");
    expect([...order.keys()]).toEqual(["z"]);
    expect(order.has("a")).toBe(false);
  });

  for (const kind of ["Map", "Set"] as const) {
    test(`[G4] is kept where the first deletions of all are undone, whichever they are: ${kind}`, () => {
      const keys = "abcdef".split("");
      for (const one of keys) {
        for (const other of keys) {
          const it = kind === "Map" ? new Map(keys.map((key) => [key, key])) : new Set(keys);
          const tree = plant({ it });
          undone(tree, (state) => {
            state.it.delete(one);
            state.it.delete(other);
          });
          expect([...(tree.committed() as Loose).it.keys()], one + other).toEqual(keys);
        }
      }
    });

    test(`[G4] is kept from one action to the next, whatever they do: ${kind}`, () => {
      const initial = {
        it:
          kind === "Map"
            ? new Map([
                ["a", 1],
                ["b", 2],
                ["c", 3],
              ])
            : new Set("abc"),
      };
      const put = (it: Loose, key: string): void => (kind === "Map" ? it.set(key, 9) : it.add(key));
      const actions: ((it: Loose) => void)[] = [
        (it) => it.delete("b"),
        (it) => put(it, "b"),
        (it) => it.clear(),
        (it) => "xyzab".split("").forEach((key) => put(it, key)),
        (it) => it.delete("z"),
        (it) => {
          it.clear();
          put(it, "m");
        },
        (it) => "nop".split("").forEach((key) => put(it, key)),
      ];
      const tree = plant(initial);
      for (const action of actions) {
        commit(tree, ({ it }) => action(it));
        const read = (): string[] => [...(tree.root as Loose).it.keys()];
        const keys = read();
        // Each entry in turn is deleted, added again, and the whole of it undone.
        for (const key of keys) {
          undone(tree, ({ it }) => {
            it.delete(key);
            put(it, "new");
            put(it, key);
          });
          expect(read()).toEqual(keys);
        }
        undone(tree, ({ it }) => {
          it.clear();
          for (const key of keys.toReversed()) put(it, key);
          it.delete(keys[0]);
        });
        expect(read()).toEqual(keys);
      }
    });
  }
});
