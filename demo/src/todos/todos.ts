import { app, durableObjectStore, HoldfastError, withKey } from "@holdfast/server";
import { CREW } from "./crew.ts";
import {
  add,
  clearDone,
  LONGEST_TODO,
  MOST_TODOS,
  remove,
  type TodoState,
  toggle,
} from "./todo-actions.ts";

/**
 * A to-do list for each user. Whose it is stands in the state: signing in is an action, and moves the
 * session to the instance of that user. A guest has a list of the session's own, which is not kept.
 */
export const todos = app
  .defineState<TodoState>({ user: null, items: [] })
  .persist(durableObjectStore(withKey((state: TodoState) => state.user?.id)))
  .onAction("signIn", ({ state }, id: string) => {
    const user = CREW.find((member) => member.id === id);
    if (!user) throw new HoldfastError("REFUSED", "Nobody of that name is in the crew.");
    state.user = { ...user };
  })
  .onAction("signOut", ({ state }) => {
    state.user = null;
  })
  // What a guest wrote comes along. `guest` is there at a sign-in only, so one account's items never
  // come to another one.
  .onKeyChange((state, { guest }) => {
    const known = new Set(state.items.map((item) => item.id));
    for (const item of guest?.items ?? []) if (!known.has(item.id)) state.items.push(item);
  })
  .onAction("add", ({ state, randomId }, text: string) => {
    if (typeof text !== "string" || text.trim() === "" || text.length > LONGEST_TODO) {
      throw new HoldfastError("REFUSED", `A to-do has 1 to ${LONGEST_TODO} characters.`);
    }
    if (state.items.length >= MOST_TODOS) {
      throw new HoldfastError("REFUSED", `There are ${MOST_TODOS} to-dos. Clear some first.`);
    }
    add(state, text, randomId());
  })
  .onAction("toggle", ({ state }, id: string) => toggle(state, id))
  .onAction("remove", ({ state }, id: string) => remove(state, id))
  .onAction("clearDone", ({ state }) => clearDone(state))
  .build();
