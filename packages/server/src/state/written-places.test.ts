import type { Value, ValueObject } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { putPlaces } from "./put-places.ts";
import { StateTree } from "./state-tree.ts";
import { writtenPlaces } from "./written-places.ts";

/** What `act` wrote on `here`, done again on `there`. */
function carry<State extends object>(
  here: State,
  there: State,
  act: (state: State) => void,
): State {
  const tree = new StateTree(structuredClone(here) as unknown as ValueObject);
  const transaction = tree.begin({ keepsIdle: true });
  act(transaction.state as State);
  transaction.derive();
  const places = writtenPlaces(transaction.log.writes, tree.root as unknown as never);
  const carried = structuredClone(there);
  putPlaces(carried, structuredClone(places));
  transaction.undo();
  transaction.end();
  expect(tree.root).toEqual(here);
  return carried;
}

interface State {
  user: { id: string; name?: string } | null;
  filter: string;
  todos: { text: string }[];
  byId: Map<Value, { done: boolean }>;
  tags: Set<string>;
  settings?: { theme: string; deep?: { on: boolean } } | undefined;
}

const guest = (): State => ({
  user: null,
  filter: "all",
  todos: [{ text: "guest" }],
  byId: new Map([["g", { done: false }]]),
  tags: new Set(["guest"]),
});
const stored = (): State => ({
  user: { id: "a", name: "stale" },
  filter: "done",
  todos: [{ text: "mine" }],
  byId: new Map([["m", { done: true }]]),
  tags: new Set(["mine"]),
  settings: { theme: "dark" },
});

describe("what an action wrote", () => {
  test("[G22] is carried, and nothing that stood beside it", () => {
    expect(
      carry(guest(), stored(), (state) => {
        state.user = { id: "a", name: "fresh" };
      }),
    ).toEqual({ ...stored(), user: { id: "a", name: "fresh" } });
  });

  test("counts although the same value stood there: the action said so", () => {
    const done = carry(guest(), stored(), (state) => {
      state.filter = "all";
      state.tags.add("guest");
      state.byId.delete("m");
      delete state.settings;
      const same = state.byId.get("g");
      if (same) state.byId.set("g", same);
    });
    expect(done.filter).toBe("all");
    expect([...done.tags]).toEqual(["mine", "guest"]);
    expect(done.byId).toEqual(new Map([["g", { done: false }]]));
    expect("settings" in done).toBe(false);
  });

  test("is entries and members, set and removed", () => {
    const done = carry(guest(), stored(), (state) => {
      state.byId.set(1, { done: true });
      state.byId.set("1", { done: false });
      state.byId.delete("g");
      state.tags.delete("guest");
      state.tags.add("new");
    });
    expect(done.byId).toEqual(
      new Map<Value, unknown>([
        ["m", { done: true }],
        [1, { done: true }],
        ["1", { done: false }],
      ]),
    );
    expect([...done.tags]).toEqual(["mine", "new"]);
  });

  test("clear() removes what was there, not what is elsewhere", () => {
    expect([...carry(guest(), stored(), (state) => state.tags.clear()).tags]).toEqual(["mine"]);
  });

  test("below a place that was written whole it is part of that", () => {
    const done = carry(guest(), stored(), (state) => {
      state.user = { id: "a" };
      state.user.name = "later";
      state.todos = [];
      state.todos.push({ text: "pushed" });
      state.todos[0]!.text = "edited";
    });
    expect(done.user).toEqual({ id: "a", name: "later" });
    expect(done.todos).toEqual([{ text: "edited" }]);
  });

  test("makes the containers that are missing, empty", () => {
    const here: State = { ...guest(), settings: { theme: "light", deep: { on: false } } };
    const done = carry(here, { ...stored(), settings: undefined }, (state) => {
      state.settings!.deep!.on = true;
    });
    expect(done.settings).toEqual({ deep: { on: true } });
  });

  test("what was written and taken out again is nowhere", () => {
    expect(
      carry(guest(), stored(), (state) => {
        const entry = state.byId.get("g")!;
        state.byId.delete("g");
        entry.done = true;
      }),
    ).toEqual(stored());
  });

  test.each<[string, (state: State) => void]>([
    ["push", (state) => state.todos.push({ text: "x" })],
    ["an index", (state) => (state.todos[0] = { text: "x" })],
    ["a field of an item", (state) => (state.todos[0]!.text = "x")],
    ["a sort", (state) => state.todos.reverse()],
    ["a length", (state) => (state.todos.length = 0)],
  ])("at a position of an array (%s) is refused, naming the array", (what, act) => {
    const two = { ...guest(), todos: [{ text: "a" }, { text: "b" }] };
    expect(() => carry(two, stored(), act), what).toThrowError(
      expect.objectContaining({
        code: "KEY_CHANGE_WRITE",
        message: expect.stringContaining("todos"),
      }),
    );
  });

  test("the commonest line of React code is an assignment", () => {
    const done = carry(guest(), stored(), (state) => {
      state.todos = state.todos.filter(() => true);
    });
    expect(done.todos).toEqual([{ text: "guest" }]);
  });
});
