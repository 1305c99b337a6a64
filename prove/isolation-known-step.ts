import type { Known, KnownStep } from "./isolation-known-program.ts";

/** The list never becomes shorter, so that no index is beyond its end: that is another error. */
const LEAST_LENGTH = 3;
const MOST_REPLACED = LEAST_LENGTH - 1;

/** What a handler remembers across its awaits. */
export interface Local {
  readonly cells: Map<string, number | undefined>;
  readonly entries: Map<string, number | undefined>;
  list: number[] | undefined;
  readonly items: Map<number, { item: { id: number; n: number }; n: number }>;
  due: Date | undefined;
}

export function newLocal(): Local {
  return {
    cells: new Map(),
    entries: new Map(),
    list: undefined,
    items: new Map(),
    due: undefined,
  };
}

/**
 * Does one step, on tracked state or on plain data alike, and tells what it has seen: in
 * serializable mode that has to be the same in a serial run.
 */
export function runKnownStep(state: Known, local: Local, step: KnownStep): unknown {
  switch (step.do) {
    case "read": {
      const value = state.cells[step.cell];
      local.cells.set(step.cell, value);
      return value;
    }
    case "write":
      if (!local.cells.has(step.cell)) return undefined;
      // A local variable of before the await, plus one.
      state.cells[step.cell] = (local.cells.get(step.cell) ?? 0) + 1;
      local.cells.set(step.cell, (local.cells.get(step.cell) ?? 0) + 1);
      return undefined;
    case "bump":
      state.cells[step.cell] = (state.cells[step.cell] ?? 0) + 1;
      local.cells.set(step.cell, state.cells[step.cell]);
      return state.cells[step.cell];
    case "blind":
      // What often stands there already: such a write is one all the same.
      state.cells[step.cell] = 1;
      local.cells.set(step.cell, 1);
      return undefined;
    case "remove":
      delete state.cells[step.cell];
      local.cells.set(step.cell, undefined);
      return undefined;
    case "spread": {
      const next = (state.cells[step.cell] ?? 0) + 1;
      state.cells = { ...state.cells, [step.cell]: next };
      local.cells.set(step.cell, next);
      return next;
    }
    case "get": {
      const value = state.map.get(step.key);
      local.entries.set(step.key, value);
      return value;
    }
    case "set": {
      if (!local.entries.has(step.key)) return undefined;
      const next = (local.entries.get(step.key) ?? 0) + 1;
      state.map.set(step.key, next);
      local.entries.set(step.key, next);
      return undefined;
    }
    case "put":
      state.map.set(step.key, 1);
      local.entries.set(step.key, 1);
      return undefined;
    case "delete":
      local.entries.set(step.key, undefined);
      return state.map.delete(step.key);
    case "add":
      state.set.add(step.key);
      return undefined;
    case "drop":
      return state.set.delete(step.key);
    case "has":
      return state.set.has(step.key);
    case "find": {
      const item = state.items.find(({ id }) => id === step.id);
      if (item === undefined) return undefined;
      local.items.set(step.id, { item, n: item.n });
      return item.n;
    }
    case "raise": {
      const held = local.items.get(step.id);
      if (held === undefined) return undefined;
      held.item.n += 1;
      held.n = held.item.n;
      return held.n;
    }
    case "store": {
      const held = local.items.get(step.id);
      if (held === undefined) return undefined;
      held.n += 1;
      held.item.n = held.n;
      return undefined;
    }
    case "assign": {
      const held = local.items.get(step.id);
      const item = state.items.find(({ id }) => id === step.id);
      if (held === undefined || item === undefined) return undefined;
      item.n = held.n + 1;
      local.items.set(step.id, { item, n: held.n + 1 });
      return "assigned";
    }
    case "remake": {
      // What React code does: a new list with a new item in it.
      let n: number | undefined;
      state.items = state.items.map((item) => {
        if (item.id !== step.id) return item;
        n = item.n + 1;
        return { ...item, n };
      });
      local.items.delete(step.id);
      return n;
    }
    case "evict": {
      const at = state.items.findIndex(({ id }) => id === step.id);
      if (at >= 0) state.items.splice(at, 1);
      return at;
    }
    case "clock":
      local.due = state.due;
      return local.due.getTime();
    case "wind":
      local.due?.setTime(local.due.getTime() + 1);
      return undefined;
    default:
      return runListStep(state, local, step);
  }
}

type ListStep = Extract<
  KnownStep,
  {
    do:
      | "push"
      | "unshift"
      | "pop"
      | "shift"
      | "sort"
      | "look"
      | "measure"
      | "replace"
      | "cut"
      | "filter";
  }
>;

function runListStep(state: Known, local: Local, step: ListStep): unknown {
  switch (step.do) {
    case "push":
      state.list.push(step.token);
      return undefined;
    case "unshift":
      state.list.unshift(step.token);
      return undefined;
    case "pop":
      return state.list.length > LEAST_LENGTH ? state.list.pop() : undefined;
    case "shift":
      return state.list.length > LEAST_LENGTH ? state.list.shift() : undefined;
    case "sort":
      state.list.sort((one, other) => one - other);
      return undefined;
    case "look":
      local.list = [...state.list];
      return local.list;
    case "measure":
      return state.list.length;
    case "replace":
      // An index of before the await.
      if (local.list === undefined || step.at >= local.list.length) return undefined;
      if (step.at >= MOST_REPLACED) return undefined;
      state.list[step.at] = step.token;
      return "replaced";
    case "cut":
      if (local.list === undefined || local.list.length <= LEAST_LENGTH) return undefined;
      return state.list.length > LEAST_LENGTH ? state.list.splice(step.at, 1) : undefined;
    case "filter":
      if (local.list === undefined || local.list.length <= LEAST_LENGTH) return undefined;
      return (state.list = shortened(local.list, step.token));
  }
}

function shortened(list: readonly number[], token: number): number[] {
  const rest = list.filter((one) => one !== token);
  return rest.length < LEAST_LENGTH ? [...list] : rest;
}
