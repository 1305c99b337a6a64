import type { CrewMember } from "./crew.ts";

export const LONGEST_TODO = 120;
export const MOST_TODOS = 100;

export interface Todo {
  readonly id: string;
  readonly text: string;
  done: boolean;
}

export interface TodoState {
  /** Who is signed in; `null`: a guest. */
  user: CrewMember | null;
  items: Todo[];
}

/** What the server does to the real state, and the browser to its prediction. */
export function add(state: TodoState, text: string, id: string): void {
  state.items.push({ id, text: text.trim(), done: false });
}

export function toggle(state: TodoState, id: string): void {
  const item = state.items.find((one) => one.id === id);
  if (item) item.done = !item.done;
}

export function remove(state: TodoState, id: string): void {
  state.items = state.items.filter((item) => item.id !== id);
}

export function clearDone(state: TodoState): void {
  state.items = state.items.filter((item) => !item.done);
}
