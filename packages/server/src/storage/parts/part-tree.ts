import type { Primitive } from "@holdfast/protocol";
import type { PartKind, PartNode, Run } from "./part-node.ts";

/**
 * How the state is cut into parts, and which of them are not on disk as they are in memory. Holds
 * no values: keys, counts and ids only.
 *
 * ```text
 *          change                begin
 *   clean ───────▶ dirty ──────────────────▶ pending
 *     ▲              ▲                          │ taken: encoded as it was at the beginning
 *     └── clean ◀────┼──── (row is written) ────┘
 *                    └──── change, once it is taken
 * ```
 *
 * A change to a part that is pending still, and that nobody took first, spoils the round.
 */
export class PartTree {
  root: PartNode | undefined;
  /** Parts that are no longer of the state; their rows are free once a round that began later counts. */
  dropped: Run[] = [];
  /** How often the tree had to be given up because a patch or the state did not fit: never, so far. */
  misfits = 0;
  /** A part has changed before the round under way took it: the round cannot be finished. */
  spoiled = false;
  #nextId: number;
  #dirty = 0;
  #pending = 0;

  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  /** Ids from here on are not given yet. */
  get nextId(): number {
    return this.#nextId;
  }

  /** How many parts have changed, and are of no round yet. */
  get dirty(): number {
    return this.#dirty;
  }

  /** How many parts the round under way has yet to take, before it cuts any. */
  get pending(): number {
    return this.#pending;
  }

  /** A part that is not stored yet. Parts come into being while a round takes others. */
  newRun(content: { count: number; keys: Primitive[] | undefined }): Run {
    this.#pending++;
    const { count, keys } = content;
    return {
      id: this.#nextId++,
      count,
      keys,
      children: undefined,
      dirty: false,
      pending: true,
      slot: undefined,
      size: 0,
      round: 0,
      fresh: undefined,
      gone: false,
    };
  }

  newNode(kind: PartKind, count: number): PartNode {
    return {
      kind,
      runs: [this.newRun({ count, keys: undefined })],
      index: undefined,
      touched: true,
    };
  }

  /** The content of `run` changes, or has just changed. */
  soil(run: Run): void {
    if (run.dirty) return;
    if (run.pending) {
      this.taken(run);
      this.spoiled = true;
    }
    run.dirty = true;
    this.#dirty++;
  }

  /** A round begins: it has to take all that is dirty. */
  begin(): void {
    this.spoiled = false;
    this.#each(this.root, (run) => {
      if (!run.dirty) return;
      run.dirty = false;
      run.pending = true;
      this.#dirty--;
      this.#pending++;
    });
  }

  /** The round under way has what `run` says. */
  taken(run: Run): void {
    if (!run.pending) return;
    run.pending = false;
    this.#pending--;
  }

  /** The round counts: what has not changed since it took it is as its row. */
  settle(): void {
    if (this.root) settle(this.root);
  }

  /** The round under way is given up: what it had yet to take is dirty as before. */
  abandon(): void {
    this.#each(this.root, (run) => {
      if (run.pending) this.soil(run);
    });
    this.spoiled = false;
  }

  /** A run that its container no longer has. Its children stay. */
  dropRun(run: Run): void {
    if (run.pending) this.spoiled = true;
    this.#leave(run);
  }

  /** A run whose content another one has taken over. */
  absorbed(run: Run): void {
    this.#leave(run);
  }

  /** A container whose value is gone. */
  drop(node: PartNode): void {
    for (const run of node.runs) {
      for (const child of run.children?.values() ?? []) this.drop(child);
      this.dropRun(run);
    }
  }

  dropChild(run: Run, local: Primitive): void {
    const child = run.children?.get(local);
    if (!child) return;
    this.drop(child);
    run.children?.delete(local);
  }

  /** Patches and state disagree: everything is to be cut and written anew. */
  giveUp(): void {
    this.misfits++;
    this.reset();
  }

  /** Everything is to be cut and written anew. */
  reset(): void {
    if (this.root) this.drop(this.root);
    this.root = undefined;
  }

  #leave(run: Run): void {
    this.taken(run);
    if (run.dirty) this.#dirty--;
    run.dirty = false;
    run.gone = true;
    this.dropped.push(run);
  }

  #each(node: PartNode | undefined, visit: (run: Run) => void): void {
    if (!node?.touched) return;
    for (const run of node.runs) {
      visit(run);
      if (run.children) for (const child of run.children.values()) this.#each(child, visit);
    }
  }
}

function settle(node: PartNode): boolean {
  if (!node.touched) return false;
  let touched = false;
  for (const run of node.runs) {
    touched ||= run.dirty;
    if (!run.children) continue;
    for (const child of run.children.values()) if (settle(child)) touched = true;
  }
  node.touched = touched;
  return touched;
}
