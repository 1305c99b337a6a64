import { HoldfastError } from "@holdfast/protocol";
import { Random } from "../random.ts";

/** A state with something of everything that can be stored. */
export interface Board {
  /** Every action that was applied, in order. */
  ledger: string[];
  ticks: number;
  counts: Record<string, number>;
  list: Card[];
  index: Map<string | number, { n: number; big: bigint }>;
  members: Set<string | number>;
  text: string;
  odd: Record<string, unknown>;
  /** What the initial state came to have with time. */
  deployed: Record<string, number[]>;
}

export interface Card {
  id: string;
  title: string;
  tags: Set<string>;
  done?: boolean;
}

/** What an edit may ask for beside the state; the same on the server and in a prediction. */
export interface EditContext {
  readonly random: Random;
  readonly randomId: () => string;
}

type Edit = (board: Board, context: EditContext) => void;

export type EditName =
  | "count"
  | "uncount"
  | "push"
  | "unshift"
  | "splice"
  | "move"
  | "sort"
  | "reverse"
  | "filter"
  | "edit"
  | "put"
  | "remove"
  | "reorder"
  | "join"
  | "leave"
  | "type"
  | "odd"
  | "drop"
  | "large"
  | "note";

/**
 * What actions do to the state: synchronous, and determined by state, seed and ids. The server runs
 * them on tracked state, pages on immer's drafts, and the verdict on plain objects.
 */
export const EDITS: Readonly<Record<EditName, Edit>> = {
  count(board, { random }) {
    const key = random.pick(["a", "b", "c"]);
    board.counts[key] = (board.counts[key] ?? 0) + random.between(1, 3);
  },
  uncount(board, { random }) {
    delete board.counts[random.pick(["a", "b", "c"])];
  },
  push(board, context) {
    for (let left = context.random.between(1, 3); left > 0; left--) board.list.push(card(context));
  },
  unshift(board, context) {
    board.list.unshift(card(context));
  },
  splice(board, context) {
    const { random } = context;
    const index = random.between(0, board.list.length);
    const added = Array.from({ length: random.between(0, 2) }, () => card(context));
    board.list.splice(index, random.between(0, 3), ...added);
  },
  move({ list }, { random }) {
    if (list.length < 2) return;
    const [moved] = list.splice(random.between(0, list.length - 1), 1);
    if (moved) list.splice(random.between(0, list.length), 0, moved);
  },
  sort({ list }, { random }) {
    const sign = random.chance(0.5) ? 1 : -1;
    list.sort((a, b) => (a.id < b.id ? -sign : sign));
  },
  reverse({ list }) {
    list.reverse();
  },
  filter(board, { random }) {
    const keep = random.between(1, 4);
    board.list = board.list.filter((_, index) => index % 4 < keep);
  },
  edit({ list }, { random }) {
    const chosen = list[random.between(0, list.length - 1)];
    if (!chosen) return;
    chosen.title += ` ${random.between(0, 99)}`;
    const tag = random.pick(["red", "green", "blue"]);
    if (!chosen.tags.delete(tag)) chosen.tags.add(tag);
    const fate = random.between(0, 3);
    if (fate === 0) chosen.done = !chosen.done;
    else if (fate === 1) delete chosen.done;
  },
  put({ index }, { random }) {
    const key = random.pick<string | number>([1, "1", 2, "two", "three"]);
    const before = index.get(key);
    if (before && random.chance(0.5)) before.n++;
    else index.set(key, { n: random.between(0, 9), big: BigInt(random.between(0, 9)) ** 30n });
  },
  remove({ index }, { random }) {
    index.delete(random.pick<string | number>([1, "1", 2, "two", "three"]));
  },
  reorder({ index }) {
    const [first] = index;
    if (!first) return;
    index.delete(first[0]);
    index.set(first[0], { ...first[1] });
  },
  join({ members }, { random }) {
    members.add(random.pick<string | number>([1, "1", "x", "y", "z"]));
  },
  leave({ members }, { random }) {
    if (random.chance(0.2)) members.clear();
    else members.delete(random.pick<string | number>([1, "1", "x", "y", "z"]));
  },
  type(board, { random }) {
    if (board.text.length > 200) board.text = "";
    board.text += random.pick(["a", "bc", "déf ", "😀"]);
  },
  odd({ odd }, { random }) {
    const key = random.pick(["k", "l", "__x", "$"]);
    odd[key] = random.pick<() => unknown>([
      () => Number.NaN,
      () => -0,
      () => undefined,
      () => Number.NEGATIVE_INFINITY,
      () => new Date(random.between(0, 1e9)),
      () => new URL(`https://example.com/${random.between(0, 9)}`),
      () => new Uint8Array([random.between(0, 255), 2, 3]),
      () => /a+/giu,
      () => ({ $: "Map", v: [[1, [random.between(0, 9)]]] }),
      () => [[], {}, new Map([[Number.NaN, new Set([random.between(0, 3)])]])],
    ])();
  },
  drop({ odd }, { random }) {
    delete odd[random.pick(["k", "l", "__x", "$"])];
  },
  large(board, { random }) {
    board.counts["large"] = (board.counts["large"] ?? 0) + 1;
    board.odd["large"] = String(random.between(0, 9)).repeat(random.between(500, 3_000));
  },
  /** Nothing but its place in the ledger. */
  note() {},
};

export type FailureName = "refuse" | "crash" | "store" | "maybe";

/** How an action that writes first, and then does not come to its end, ends. */
export const FAILURES: Readonly<Record<FailureName, (board: Board) => void>> = {
  refuse() {
    throw new HoldfastError("REFUSED", "Not like this.");
  },
  crash() {
    throw new TypeError("undefined is not a function");
  },
  store(board) {
    // What a function is to the state: refused at the assignment.
    board.odd["function"] = () => undefined;
  },
  /** Depends on what came before. */
  maybe(board) {
    if (board.ledger.length % 3 === 0) throw new HoldfastError("REFUSED", "Not now.");
  },
};

/** Runs one edit. */
export function applyEdit(
  board: Board,
  name: EditName,
  { seed, randomId }: { readonly seed: number; readonly randomId: () => string },
): void {
  EDITS[name](board, { random: new Random(seed), randomId });
}

function card({ random, randomId }: EditContext): Card {
  return { id: randomId(), title: `card ${random.between(0, 99)}`, tags: new Set(["red"]) };
}
