import { applyEdit, type Board, type EditName, type FailureName } from "./edits.ts";

/** What an action is told: its own name in the ledger, and what to do. */
export interface Order {
  readonly id: string;
  readonly seed: number;
  readonly edits: readonly EditName[];
  /** Comes last, when everything is written. */
  readonly failure?: FailureName;
  /** Of an asynchronous action: how long it takes. */
  readonly pace?: Pace;
}

/** How an asynchronous action spends its time; 0 is a microtask. */
export interface Pace {
  /** What happens behind each edit: nothing, so many milliseconds, or `commit()` and then these. */
  readonly behind: readonly Stop[];
  /** Before the first edit, and behind the last entry in the ledger. */
  readonly first?: number;
  readonly last?: number;
}

export type Stop =
  | { readonly type: "on" }
  | { readonly type: "pause"; readonly ms: number }
  | { readonly type: "commit"; readonly ms: number };

/** Edits that become one commit: all of them, unless `commit()` publishes some before. */
export interface Part {
  /** Milliseconds that pass before the first edit. */
  readonly before: number | undefined;
  readonly edits: readonly PartEdit[];
}

interface PartEdit {
  readonly run: (board: Board, randomId: () => string) => void;
  /** Milliseconds that pass behind it. */
  readonly pause: number | undefined;
}

export function partsOf({ edits, seed, pace }: Order): readonly Part[] {
  const parts: { before: number | undefined; edits: PartEdit[] }[] = [];
  let part = { before: pace?.first, edits: [] as PartEdit[] };
  for (const [index, name] of edits.entries()) {
    const stop = pace?.behind[index];
    part.edits.push({
      run: (board, randomId) => applyEdit(board, name, { seed: seed + index, randomId }),
      pause: stop?.type === "pause" ? stop.ms : undefined,
    });
    if (stop?.type !== "commit") continue;
    parts.push(part);
    part = { before: stop.ms, edits: [] };
  }
  return [...parts, part];
}

/** How a part stands in the ledger. */
export function entryOf({ id, pace }: Order, part: number): string {
  return pace ? `${id}#${part}` : id;
}

/** How the last part stands in the ledger: it is there when the action was done to its end. */
export function lastEntryOf(order: Order): string {
  return entryOf(order, partsOf(order).length - 1);
}

/** One part, without the time that it takes, on whatever kind of state. */
export function applyPart(board: Board, order: Order, part: number, randomId: () => string): void {
  for (const { run } of partsOf(order)[part]?.edits ?? []) run(board, randomId);
  board.ledger.push(entryOf(order, part));
}
