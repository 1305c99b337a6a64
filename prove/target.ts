import { app, durableObjectStore, global, type ModuleDefinition } from "@holdfast/server";

/** The only action that changes the state; no hostile frame can come by its name by chance. */
export const WRITE = "write-4f1d9c0b7a63";

/** Actions that frames may call as often as they like: none changes anything. */
export const HARMLESS = ["read", "echo", "throw", "undo"] as const;

export interface Target {
  count: number;
  items: { title: string; tags: Set<string> }[];
  index: Map<number | string, { readonly at: Date }>;
  nested: { deep: { deeper: { text: string } } };
}

const initial: Target = {
  count: 0,
  items: [
    { title: "one", tags: new Set(["a", "b"]) },
    { title: "two", tags: new Set() },
  ],
  index: new Map<number | string, { readonly at: Date }>([
    [1, { at: new Date(1) }],
    ["1", { at: new Date(2) }],
  ]),
  nested: { deep: { deeper: { text: "untouched" } } },
};

/** What hostile frames are aimed at. */
export const target: ModuleDefinition = app
  .defineState(initial)
  .persist(durableObjectStore(global()))
  .onAction("read", ({ state }) => ({ count: state.count, items: state.items.length }))
  .onAction("echo", (_, payload: unknown) => payload)
  .onAction("throw", () => {
    throw new Error("this action always throws");
  })
  .onAction("undo", ({ state }, payload: unknown) => {
    // Whatever came in goes into the state and out again: the codec and the tracker both see it.
    const before = state.nested;
    Object.assign(state, { nested: { payload } });
    state.nested = before;
    throw new TypeError("and it leaves no trace");
  })
  .onAction(WRITE, ({ state }) => ++state.count)
  .build();
