import { randomHistory } from "./isolation-program.ts";
import type { History } from "./isolation-program.ts";
import { Random } from "@holdfast/testing/random";

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
  | {
      readonly do: "read" | "bump" | "write" | "blind" | "remove" | "spread";
      readonly cell: string;
    }
  | { readonly do: "get" | "set" | "put" | "delete" | "add" | "drop" | "has"; readonly key: string }
  | { readonly do: "push" | "unshift"; readonly token: number }
  | { readonly do: "pop" | "shift" | "sort" | "look" | "measure" }
  /** Positions within what the handler remembers of the list. */
  | { readonly do: "replace" | "cut"; readonly at: number; readonly token: number }
  | { readonly do: "filter"; readonly token: number }
  | { readonly do: "find" | "raise" | "store" | "assign" | "remake" | "evict"; readonly id: number }
  | { readonly do: "clock" | "wind" };

const CELLS = ["a", "b", "c"] as const;
const KEYS = ["x", "y", "z"] as const;

const SUBJECTS = ["cells", "entries", "list", "list", "items", "items", "due"] as const;
type Subject = (typeof SUBJECTS)[number];

function randomKnownStep(random: Random, subject: Subject): KnownStep {
  switch (subject) {
    case "cells": {
      const does = ["read", "read", "write", "write", "bump", "blind", "remove", "spread"] as const;
      return { do: random.pick(does), cell: random.pick(CELLS) };
    }
    case "entries": {
      const does = ["get", "get", "set", "set", "put", "delete", "add", "drop", "has"] as const;
      return { do: random.pick(does), key: random.pick(KEYS) };
    }
    case "list":
      return randomListStep(random);
    case "items": {
      const reads = ["find", "find", "raise", "raise"] as const;
      const does = [...reads, "store", "assign", "assign", "remake", "evict"] as const;
      return { do: random.pick(does), id: random.between(1, 3) };
    }
    case "due":
      return { do: random.pick(["clock", "wind"] as const) };
  }
}

function randomListStep(random: Random): KnownStep {
  const token = random.between(5, 99);
  switch (random.between(0, 13)) {
    case 0:
    case 1:
    case 2:
      return { do: "push", token };
    case 3:
      return { do: "unshift", token };
    case 4:
      return { do: "replace", at: random.between(0, 3), token };
    case 5:
      return { do: "cut", at: random.between(0, 3), token };
    case 6:
      return { do: "filter", token: random.between(1, 6) };
    default:
      return { do: random.pick(["pop", "shift", "sort", "measure", "look", "look"] as const) };
  }
}

/** Each history is about a few subjects, so that its handlers meet. */
export function knownHistory(seed: number): History<KnownStep> {
  const chosen = new Random(seed);
  const subjects = Array.from({ length: chosen.between(1, 3) }, () => chosen.pick(SUBJECTS));
  return randomHistory(seed, (random) => randomKnownStep(random, random.pick(subjects)));
}
