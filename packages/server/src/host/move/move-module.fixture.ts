import { HoldfastError } from "@holdfast/protocol";
import { app } from "../../module/builder.ts";
import type { ModuleDefinition } from "../../module/definition.ts";
import { withKey } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";

export interface TodoState {
  user: { id: string; name: string } | null;
  todos: string[];
  /** Every arrival, so that one that happens twice is seen. */
  arrivals: string[];
  seen: Map<string, number>;
  tags: Set<string>;
  filter: string;
}

/** Actions that wait until a test lets them go on. */
export const gates = new Map<string, () => void>();

/** Todos of whoever is logged in. */
export const todoModule: ModuleDefinition = app
  .defineState<TodoState>({
    user: null,
    todos: [],
    arrivals: [],
    seen: new Map(),
    tags: new Set(),
    filter: "all",
  })
  .persist(durableObjectStore(withKey((state: TodoState) => state.user?.id)))
  .onKeyChange((state, { from, to, guest }) => {
    state.arrivals.push(`${from}>${to}${guest ? `+${guest.todos.join()}` : ""}`);
    if (state.tags.has("trap")) throw new HoldfastError("REFUSED", "Nobody moves in here.");
    if (state.tags.has("twist") && state.user) state.user.id = "somebody else";
  })
  .onAction("login", ({ state }, user: { id: string; name: string }) => {
    state.user = user;
    state.seen.set(user.name, (state.seen.get(user.name) ?? 0) + 1);
    return `welcome ${user.name}`;
  })
  .onAction("logout", ({ state }) => {
    state.user = null;
    return "bye";
  })
  .onAction("add", ({ state }, todo: string) => {
    state.todos.push(todo);
    return state.todos.length;
  })
  .onAction("tag", ({ state }, tag: string) => {
    state.tags.add(tag);
  })
  .onAction("filter", ({ state }, filter: string) => {
    state.filter = filter;
  })
  .onAction("loginAndPush", ({ state }, id: string) => {
    state.user = { id, name: id };
    state.todos.push("pushed");
  })
  .onAction("loginAs", ({ state }, id: unknown) => {
    // What a JavaScript author may do.
    state.user = { id, name: "" } as TodoState["user"];
  })
  .onAction("slowAdd", async ({ state }, gate: string) => {
    await new Promise<void>((resolve) => gates.set(gate, resolve));
    state.todos.push(gate);
    return "added";
  })
  .onAction("slowLogin", async ({ state }, id: string) => {
    await new Promise<void>((resolve) => gates.set(id, resolve));
    state.user = { id, name: id };
    return "slowly";
  })
  .onAction("loginInParts", async ({ state, commit }, id: string) => {
    state.user = { id, name: id };
    await commit();
  })
  .build();
