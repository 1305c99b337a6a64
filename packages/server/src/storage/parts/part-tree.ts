import type { Primitive } from "@holdfast/protocol";
import type { PartKind, PartNode, Run } from "./part-node.ts";

/**
 * How the state is cut into parts, and which of them are not on disk as they are in memory. Holds
 * no values: keys, counts and ids only.
 */
export class PartTree {
  root: PartNode | undefined;
  /** Slots of parts that are no longer of the state; free once the next checkpoint is durable. */
  readonly dropped: { readonly slot: number; readonly size: number }[] = [];
  /** How often the tree had to be given up because a patch or the state did not fit: never, so far. */
  misfits = 0;
  #nextId: number;
  #dirty = 0;

  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  /** How many parts the next checkpoint will write, before it cuts any. */
  get dirty(): number {
    return this.#dirty;
  }

  /** A part that is not stored yet. */
  newRun(content: { count: number; keys: Primitive[] | undefined }): Run {
    this.#dirty++;
    const { count, keys } = content;
    return {
      id: this.#nextId++,
      count,
      keys,
      children: undefined,
      dirty: true,
      slot: undefined,
      size: 0,
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

  soil(run: Run): void {
    if (run.dirty) return;
    run.dirty = true;
    this.#dirty++;
  }

  /** The row of `run` is as the state is. */
  cleaned(run: Run): void {
    if (!run.dirty) return;
    run.dirty = false;
    this.#dirty--;
  }

  /** A run that its container no longer has. Its children stay. */
  dropRun(run: Run): void {
    this.cleaned(run);
    if (run.slot !== undefined) this.dropped.push({ slot: run.slot, size: run.size });
  }

  /** A container whose value is gone, or is written with the one around it. */
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
}
