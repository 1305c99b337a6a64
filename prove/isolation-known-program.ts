import { randomHistory } from "./isolation-program.ts";
import type { History } from "./isolation-program.ts";
import type { Random } from "./random.ts";

/** The state of these histories: a few places of each kind, so that handlers meet. */
export interface Known {
  cells: Record<string, number>;
  list: number[];
  items: { id: number; n: number }[];
  map: Map<string, number>;
  set: Set<string>;
  due: Date;
}

export function knownState(): Known {
  return {
    cells: { a: 0, b: 0, c: 0 },
    list: [1, 2, 3, 4],
    items: [
      { id: 1, n: 0 },
      { id: 2, n: 0 },
      { id: 3, n: 0 },
    ],
    map: new Map([
      ["x", 0],
      ["y", 0],
    ]),
    set: new Set(["p"]),
    due: new Date(0),
  };
}

/** What a handler does between two awaits. What it reads it keeps in local variables. */
export type KnownStep =
  | { readonly do: "read" | "bump" | "write" | "blind" | "remove"; readonly cell: string }
  | { readonly do: "get" | "set" | "put" | "delete" | "add" | "drop" | "has"; readonly key: string }
  | { readonly do: "push" | "unshift"; readonly token: number }
  | { readonly do: "pop" | "shift" | "sort" | "look" | "measure" }
  /** Positions within what the handler remembers of the list. */
  | { readonly do: "replace" | "cut"; readonly at: number; readonly token: number }
  | { readonly do: "filter"; readonly token: number }
  | { readonly do: "find" | "raise" | "store" | "evict"; readonly id: number }
  | { readonly do: "clock" | "wind" };

const CELLS = ["a", "b", "c"] as const;
const KEYS = ["x", "y", "z"] as const;

function randomKnownStep(random: Random): KnownStep {
  const token = random.between(5, 99);
  switch (random.between(0, 11)) {
    case 0:
    case 1:
    case 2: {
      const does = ["read", "read", "write", "write", "bump", "blind", "remove"] as const;
      return { do: random.pick(does), cell: random.pick(CELLS) };
    }
    case 3:
    case 4: {
      const does = ["get", "get", "set", "set", "put", "delete", "add", "drop", "has"] as const;
      return { do: random.pick(does), key: random.pick(KEYS) };
    }
    case 5:
    case 6:
      return { do: random.chance(0.8) ? "push" : "unshift", token };
    case 7:
      return { do: random.pick(["pop", "shift", "sort", "look", "measure"] as const) };
    case 8:
      if (random.chance(0.3)) return { do: "filter", token: random.between(1, 6) };
      return { do: random.chance(0.5) ? "replace" : "cut", at: random.between(0, 3), token };
    case 9:
    case 10: {
      const does = ["find", "find", "raise", "store", "store", "evict"] as const;
      return { do: random.pick(does), id: random.between(1, 3) };
    }
    default:
      return { do: random.pick(["clock", "wind"] as const) };
  }
}

export function knownHistory(seed: number): History<KnownStep> {
  return randomHistory(seed, randomKnownStep);
}
