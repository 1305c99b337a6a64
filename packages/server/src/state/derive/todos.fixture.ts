import type { Patch } from "@holdfast/protocol";
import { act } from "../act.fixture.ts";
import type { Loose } from "../act.fixture.ts";

export interface Todo {
  id: number;
  title: string;
  done: boolean;
}

export function todos(count: number): Todo[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    title: `todo number ${id}`,
    done: id % 2 === 0,
  }));
}

export function patchesOf(initial: object, action: (state: Loose) => void): Patch[] {
  return act(initial, action).patches;
}
