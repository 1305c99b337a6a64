import type { Limits, Patch, Value } from "@holdfast/protocol";
import { type FreeSlot, SlotPool } from "../slot-pool.ts";
import type { SqlPort } from "../sql-port.ts";
import { findTouched } from "./find-touched.ts";
import { markPatch } from "./mark-patch.ts";
import type { Run } from "./part-node.ts";
import { PartTree } from "./part-tree.ts";
import { readNode } from "./read-content.ts";
import { linkParts, readPartHeads } from "./read-parts.ts";
import type { FoundPart } from "./read-parts.ts";
import { Round } from "./round.ts";
import { fitTree, takeParts } from "./take-parts.ts";

/** So many free rows are kept, and one for each in use, before some are deleted. */
const SPARE_ROWS = 64;
/** At most so many rows are deleted by one checkpoint. */
const DELETED_TOGETHER = 64;

const PUT = `INSERT INTO holdfast_parts (slot, head, body) VALUES (?, ?, ?)
  ON CONFLICT (slot) DO UPDATE SET head = excluded.head, body = excluded.body`;
const DELETE = "DELETE FROM holdfast_parts WHERE slot = ?";

/** So many parts may be taken before a change overtakes them, and one for each patch. */
const TAKEN_BEFORE_CHANGE = 8;
/** So many commits wait in memory until somebody looks what they changed. */
const MOST_UNMARKED = 64;
/** A round that is written at once is so in pieces of so many characters. */
const PIECE = 1024 * 1024;
/** So many characters may be held in memory until they are put. */
const MOST_HELD = 4 * 1024 * 1024;

/**
 * The state on disk as of the checkpoint: which parts there are, where they stand, and which the
 * commits since have changed. A round writes those, as they were when it began, to free slots; their
 * old rows become free when the new ones count, so rows of the checkpoint that counts are never
 * written over.
 *
 * ```ts
 * partition.begin(state);
 * if (partition.overtakes(commits)) partition.keep(stateBefore); // then change it
 * partition.mark(patches);
 * partition.take(state, characters);
 * sql.transaction(() => { partition.put(); if (partition.complete) … });
 * partition.placed(); if (partition.complete) partition.finish();
 * ```
 */
export class Partition {
  readonly #sql: SqlPort;
  readonly #limits: Limits;
  readonly #tree: PartTree;
  readonly #slots = new SlotPool();
  #used = 0;
  #lastRound = 0;
  #round: Round | undefined;
  #overtaken: ReadonlySet<Run> | undefined;
  #surplus: readonly FreeSlot[] = [];
  /** Of commits that have not been looked at: while no round is under way, that may wait a little. */
  #unmarked: (readonly Patch[])[] = [];
  /** How many of them are not what a wake has replayed. */
  #unmarkedSince = 0;

  /** A partition of a state that has no parts yet. */
  constructor(sql: SqlPort, limits: Limits, nextId = 1) {
    this.#sql = sql;
    this.#limits = limits;
    this.#tree = new PartTree(nextId);
  }

  /**
   * Reads the state that checkpoint `round` stored, beginning with part `root`.
   *
   * @throws Damage when a part cannot be read; HoldfastError `SCHEMA_TOO_NEW`
   */
  static restore(
    sql: SqlPort,
    limits: Limits,
    checkpoint: { readonly round: number; readonly root: number },
  ): { partition: Partition; state: Value } {
    const found = readPartHeads(sql);
    const newest = new Map<number, FoundPart>();
    let nextId = 1;
    let lastRound = checkpoint.round;
    for (const part of found) {
      const { id, round } = part.head;
      nextId = Math.max(nextId, id + 1);
      // A round that a crash cut off: its parts are dirty once the commits before it are replayed, so
      // the next one, with a number above, writes them all again.
      lastRound = Math.max(lastRound, round);
      if (round > checkpoint.round || round < (newest.get(id)?.head.round ?? 0)) continue;
      newest.set(id, part);
    }
    const partition = new Partition(sql, limits, nextId);
    const linked = linkParts(newest, checkpoint.root);
    partition.#tree.root = linked.root;
    partition.#used = linked.used.size;
    partition.#lastRound = lastRound;
    for (const { slot, size, head } of found) {
      partition.#slots.include(slot);
      if (!linked.used.has(head.id) || newest.get(head.id)?.slot !== slot)
        partition.#slots.free(slot, size);
    }
    return { partition, state: readNode(sql, linked.root) };
  }

  /** How many parts have changed since the checkpoint, or since the round under way began. */
  get dirty(): number {
    this.#markAll();
    return this.#tree.dirty;
  }

  /** How many rows the state takes. */
  get used(): number {
    return this.#used;
  }

  /** How often patches and state disagreed: never, unless Holdfast has a bug. */
  get misfits(): number {
    this.#markAll();
    return this.#tree.misfits;
  }

  /** The round under way. */
  get round(): { readonly number: number; readonly root: number } | undefined {
    return this.#round;
  }

  /** A change came before the round under way had taken what it changed: it has to be abandoned. */
  get spoiled(): boolean {
    return this.#tree.spoiled;
  }

  /** How many rows `put` will write. */
  get held(): number {
    return this.#round?.held.length ?? 0;
  }

  /** Nothing is left to take: once it is put, and with it the row that names the round, it counts. */
  get complete(): boolean {
    return this.#round !== undefined && this.#tree.pending === 0 && !this.#tree.spoiled;
  }

  /** Takes note of what a commit changed. */
  mark(patches: readonly Patch[]): void {
    this.#unmarked.push(patches);
    if (this.#round || ++this.#unmarkedSince === MOST_UNMARKED) this.#markAll();
  }

  /** The same for a commit that a wake replays: who sleeps again soon need not look at it at all. */
  replayed(patches: readonly Patch[]): void {
    this.#unmarked.push(patches);
  }

  /** Begins a round, of what has changed up to `state`. Writes nothing. */
  begin(state: Value): void {
    this.#markAll();
    this.#tree.begin();
    fitTree(this.#tree, state, this.#limits);
    // True because it was just seen to that the tree has a root, and a container has a run.
    const root = this.#tree.root?.runs[0]?.id as number;
    this.#round = new Round(++this.#lastRound, root, this.#tree.dropped.splice(0));
    this.#tree.spoiled = false;
  }

  /** Whether commits would change what the round under way has yet to take; `keep` it first. */
  overtakes(commits: readonly (readonly Patch[])[]): boolean {
    this.#overtaken = undefined;
    if (!this.#round || this.#tree.pending === 0 || !this.#tree.root) return false;
    if (this.#round.heldLength > MOST_HELD) return false;
    const patches = commits.reduce((sum, { length }) => sum + length, 0);
    this.#overtaken = findTouched(this.#tree.root, commits, TAKEN_BEFORE_CHANGE + patches);
    return this.#overtaken !== undefined && this.#overtaken.size > 0;
  }

  /** Takes what `overtakes` has found, from the state before the change. Writes nothing. */
  keep(before: Value): void {
    const wanted = this.#overtaken;
    const { nextId } = this.#tree;
    // What comes off a part that is too large is about to change as well.
    if (wanted) this.#take(before, Infinity, (run) => wanted.has(run) || run.id >= nextId);
    this.#overtaken = undefined;
  }

  /** Takes parts of the round under way, until at least so many characters are held. */
  take(state: Value, characters: number): void {
    if ((this.#round?.heldLength ?? 0) >= characters) return;
    const fits = this.#take(state, characters, () => true);
    if (!fits && this.#tree.pending > 0) this.#tree.giveUp();
  }

  /** Writes what is held, to slots that `placed` takes; inside a transaction if that is several rows. */
  put(): void {
    const held = this.#round?.held ?? [];
    for (const [index, { head, text }] of held.entries()) {
      this.#sql.run(PUT, this.#slots.peek(index), head, text);
    }
  }

  /** A whole round at once, of which no row may remain if this or what follows it fails. */
  write(state: Value): { readonly round: number; readonly root: number } {
    this.begin(state);
    do {
      this.take(state, PIECE);
      this.put();
      this.placed();
    } while (!this.complete);
    // True because it has just begun.
    const { number: round, root } = this.#round as Round;
    return { round, root };
  }

  /** Deletes rows of no use, if there are many; with the write that makes the round count. */
  deleteSurplus(): void {
    const surplus = this.#slots.freeCount - this.held - this.#used - SPARE_ROWS;
    this.#surplus = this.#slots.oldest(Math.min(surplus, DELETED_TOGETHER));
    for (const { slot } of this.#surplus) this.#sql.run(DELETE, slot);
  }

  /** What was put is durable. */
  placed(): void {
    const slots = Array.from({ length: this.held }, (_, index) => this.#slots.peek(index));
    this.#slots.take(slots);
    this.#round?.placed(slots);
  }

  /** The round counts, and what `deleteSurplus` has deleted is gone; all that is durable. */
  finish(): void {
    this.#slots.removed(this.#surplus.length);
    this.#surplus = [];
    for (const run of this.#round?.put ?? []) {
      if (run.slot === undefined) this.#used++;
      else this.#slots.free(run.slot, run.size);
      // True because it was placed.
      const { slot, size } = run.fresh as { slot: number; size: number };
      run.slot = slot;
      run.size = size;
      run.fresh = undefined;
    }
    for (const { slot, size } of this.#round?.gone ?? []) {
      if (slot === undefined) continue;
      this.#slots.free(slot, size);
      this.#used--;
    }
    this.#round = undefined;
    this.#tree.settle();
  }

  /** Gives up the round under way, if there is one. Its rows never count. */
  abandon(): void {
    for (const { fresh } of this.#round?.put ?? []) {
      if (fresh) this.#slots.free(fresh.slot, fresh.size);
    }
    this.#round?.abandon(this.#tree);
    this.#round = undefined;
  }

  #markAll(): void {
    this.#unmarkedSince = 0;
    for (const patches of this.#unmarked.splice(0)) {
      for (const patch of patches) markPatch(this.#tree, patch);
    }
  }

  #take(state: Value, characters: number, wants: (run: Run) => boolean): boolean {
    const round = this.#round;
    if (!round) return true;
    return takeParts(this.#tree, state, {
      limits: this.#limits,
      round: round.number,
      wants,
      take: (part, absorbed) => {
        round.hold(part, absorbed);
        return round.heldLength < characters;
      },
    });
  }
}
