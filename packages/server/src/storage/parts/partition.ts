import type { Limits, Patch, Value } from "@holdfast/protocol";
import { SlotPool } from "../slot-pool.ts";
import type { SqlPort } from "../sql-port.ts";
import { markPatch } from "./mark-patch.ts";
import type { Run } from "./part-node.ts";
import { encodePartHead } from "./part-row.ts";
import { PartTree } from "./part-tree.ts";
import { linkParts, readNode, readPartHeads } from "./read-parts.ts";
import type { FoundPart } from "./read-parts.ts";
import { settleTree, writeParts } from "./write-parts.ts";

/** So many free rows are kept, and one for each in use, before some are deleted. */
const SPARE_ROWS = 64;
/** At most so many rows are deleted by one checkpoint. */
const DELETED_TOGETHER = 64;

const PUT = `INSERT INTO holdfast_parts (slot, head, body) VALUES (?, ?, ?)
  ON CONFLICT (slot) DO UPDATE SET head = excluded.head, body = excluded.body`;
const DELETE = "DELETE FROM holdfast_parts WHERE slot = ?";

/** A checkpoint that is written but not durable yet. */
export interface WrittenParts {
  /** The part that the state begins with. */
  readonly root: number;
  /** Takes note that it is durable. Without this, everything is as it was before. */
  readonly settle: () => void;
}

/**
 * The state on disk as of the checkpoint: which parts there are, where they stand, and which the
 * commits since have changed. A changed part is written to a free slot and its old row becomes free
 * when the new ones count, so rows of the checkpoint that counts are never written over.
 */
export class Partition {
  readonly #sql: SqlPort;
  readonly #limits: Limits;
  readonly #tree: PartTree;
  readonly #slots = new SlotPool();
  #used = 0;

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
    for (const part of found) {
      const { id, round } = part.head;
      if (round > checkpoint.round || round < (newest.get(id)?.head.round ?? 0)) continue;
      newest.set(id, part);
    }
    const nextId = found.reduce((next, { head }) => Math.max(next, head.id + 1), 1);
    const partition = new Partition(sql, limits, nextId);
    const { root, used } = linkParts(newest, checkpoint.root);
    partition.#tree.root = root;
    partition.#used = used.size;
    for (const { slot, size, head } of found) {
      partition.#slots.include(slot);
      if (!used.has(head.id) || newest.get(head.id)?.slot !== slot)
        partition.#slots.free(slot, size);
    }
    return { partition, state: readNode(sql, root) };
  }

  /** How many parts the commits since the checkpoint have changed. */
  get dirty(): number {
    return this.#tree.dirty;
  }

  /** How many rows the state takes. */
  get used(): number {
    return this.#used;
  }

  /** How often patches and state disagreed: never, unless Holdfast has a bug. */
  get misfits(): number {
    return this.#tree.misfits;
  }

  /** Takes note of what a commit changed. */
  mark(patches: readonly Patch[]): void {
    for (const patch of patches) markPatch(this.#tree, patch);
  }

  /** Writes the changed parts of `state` as checkpoint `round`; inside a transaction. */
  write(state: Value, round: number): WrittenParts {
    const written: { run: Run; slot: number; size: number }[] = [];
    writeParts(this.#tree, state, this.#limits, ({ node, at, run, text }) => {
      const slot = this.#slots.peek(written.length);
      this.#sql.run(PUT, slot, encodePartHead(node, at, round), text);
      written.push({ run, slot, size: text.length });
    });
    const surplus = this.#slots.freeCount - written.length - this.#used - SPARE_ROWS;
    const deleted = this.#slots.oldest(Math.min(surplus, DELETED_TOGETHER));
    for (const { slot } of deleted) this.#sql.run(DELETE, slot);
    return {
      // True because what is written has a root, and a container has a run.
      root: this.#tree.root?.runs[0]?.id as number,
      settle: () => {
        this.#slots.take(written.map(({ slot }) => slot));
        this.#slots.removed(deleted.length);
        for (const { run, slot, size } of written) this.#moved(run, slot, size);
        for (const { slot, size } of this.#tree.dropped.splice(0)) {
          this.#slots.free(slot, size);
          this.#used--;
        }
        if (this.#tree.root) settleTree(this.#tree.root);
      },
    };
  }

  #moved(run: Run, slot: number, size: number): void {
    if (run.slot === undefined) this.#used++;
    else this.#slots.free(run.slot, run.size);
    run.slot = slot;
    run.size = size;
    this.#tree.cleaned(run);
  }
}
