import { HoldfastError } from "@holdfast/protocol";
import type { Primitive } from "@holdfast/protocol";
import { sameAtom } from "../atom.ts";
import type { AtomObject } from "../atom.ts";
import type { Disorder } from "../disorder.ts";
import { ClearWrite } from "../log/clear-write.ts";
import { EntryWrite } from "../log/entry-write.ts";
import { FieldWrite } from "../log/field-write.ts";
import { MoveWrite } from "../log/move-write.ts";
import type { Move } from "../log/move-write.ts";
import { OrderWrite } from "../log/order-write.ts";
import { SpliceWrite } from "../log/splice-write.ts";
import { TouchWrite } from "../log/touch-write.ts";
import type { Write } from "../log/write.ts";
import type { LoanPlace } from "../loans.ts";
import { ABSENT, isWithin, metaOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import type { Commits, Reader } from "./commits.ts";
import { overwritten, removedByOthers, sameRead, staleWrite } from "./conflict.ts";
import { IsolatedLog } from "./isolated-log.ts";
import { Others } from "./others.ts";
import { OwnArrays } from "./own-arrays.ts";
import { staleReadProblem } from "./read-check.ts";
import { ReadLog } from "./read-log.ts";
import { Replay, salvage } from "./replay.ts";
import { Standing } from "./standing.ts";
import type { Past } from "./successions.ts";
import { takenOut } from "./taken-out.ts";
import { valueAt } from "./value-at.ts";
import { copyAbove, isStaleNode, staleWriteProblem } from "./write-check.ts";
import type { Knowledge } from "./write-check.ts";

interface IsolationOptions {
  /** Most writes of one log. */
  readonly limit: number;
  readonly disorder: Disorder;
  readonly serializable: boolean;
  readonly onWrite: () => void;
}

/**
 * What keeps one asynchronous transaction apart from the others: what it has read and written since
 * its reads began afresh, and whether that still fits what others have committed meanwhile.
 */
export class Isolation implements Reader, Knowledge {
  readonly standing: Standing;
  readonly commits: Commits;
  readonly reads: ReadLog;
  readonly arrays: OwnArrays = new OwnArrays();
  readonly #options: IsolationOptions;
  #log: IsolatedLog;
  /** The last commit when reads began afresh. */
  #since: number;
  /** The last commit that the writes in the log were made on. */
  #madeOn: number;
  /** The last commit when it began: what was removed after that, it may hold. */
  readonly #began: number;
  #conflict: HoldfastError | undefined;
  readonly #others: Others;
  /** Nodes that the handler has moved since its reads began afresh. */
  readonly #moved = new Set<StateNode>();

  constructor(root: StateNode, commits: Commits, options: IsolationOptions) {
    this.standing = new Standing(root, commits, this);
    this.commits = commits;
    this.reads = new ReadLog(commits, { root, same: sameRead });
    this.#others = new Others(commits);
    this.#options = options;
    this.#since = commits.count;
    this.#madeOn = commits.count;
    this.#began = commits.count;
    this.#log = this.#newLog();
    commits.open(this);
  }

  get log(): IsolatedLog {
    return this.#log;
  }

  get since(): number {
    return this.#since;
  }

  /** Takes the writes out of the tree. */
  withdraw(): void {
    this.#log.undo();
  }

  /** Makes the writes again, on a tree that holds the committed state of now. */
  apply(): void {
    const madeOn = this.#madeOn;
    this.#madeOn = this.commits.count;
    if (madeOn === this.commits.count) this.#log.redo();
    else if (this.#conflict !== undefined) this.#salvage(this.#log.take());
    else this.#replay(madeOn);
  }

  /**
   * Nothing speaks against what the log holds, which is in the tree.
   *
   * @throws HoldfastError `CONFLICT`, or what a write threw that failed half-way.
   */
  assertFree(): void {
    if (this.#conflict === undefined && this.#options.serializable) this.#assertReads();
    if (this.#conflict !== undefined) throw this.#conflict;
    this.#log.assertWhole();
  }

  /** The writes, which are in the tree, are committed. */
  publish(): void {
    this.assertFree();
    if (this.commits.isWatched(this)) this.commits.record(this.#log.writes, this);
    this.reset();
  }

  /** Begins afresh; the writes are no longer its own. */
  reset(): void {
    this.#log = this.#newLog();
    this.reads.clear();
    this.arrays.clear();
    this.#moved.clear();
    this.#conflict = undefined;
    this.#since = this.commits.count;
    this.#madeOn = this.commits.count;
    this.commits.forget();
  }

  close(): void {
    this.commits.close(this);
  }

  isConflict(error: unknown): boolean {
    return error !== undefined && error === this.#conflict;
  }

  pastsOf(node: StateNode): readonly Past[] {
    const pasts = this.commits.successions.pastsOf(node);
    return pasts.filter(({ holders }) => holders.some((holder) => this.#hasLostSightOf(holder)));
  }

  /**
   * A node is copied, with all that it holds. What the handler itself has moved there stands
   * elsewhere for others.
   */
  copied(node: StateNode): void {
    this.reads.deep(node);
    for (const moved of this.#moved) if (isWithin(moved, node)) this.reads.deep(moved);
  }

  hasRestructured(node: StateNode): boolean {
    return this.arrays.get(node) !== undefined;
  }

  touch(node: StateNode, key: Primitive): void {
    this.#log.run(new TouchWrite(node, { key, value: valueAt(node, key) }));
  }

  touchAll(node: StateNode): void {
    this.#log.run(new TouchWrite(node, undefined));
  }

  /**
   * A Date that the handler was given and has changed no longer stands where it was read. Gives what
   * stands there now, if that is equal.
   *
   * @throws HoldfastError `CONFLICT`, unless the handler itself has put something else there.
   */
  missed(place: LoanPlace, original: AtomObject): AtomObject | undefined {
    const isAlone = this.commits.count === this.#began;
    if (isAlone || this.hasReplaced(place)) return undefined;
    const { node, key } = place;
    const now = valueAt(node, key);
    // True because what is equal to an object of the kind is one.
    if (now !== ABSENT && sameAtom(now, original)) return now as AtomObject;
    return this.#refuse(staleWrite(node, Array.isArray(node) ? undefined : key));
  }

  /** Whether the handler itself has written to a place, or moved what stood there. */
  hasReplaced({ node, key }: LoanPlace): boolean {
    const own = this.arrays.get(node);
    if (own !== undefined && !own.isTail) return true;
    return this.reads.of(node)?.places.get(key)?.isOwn ?? false;
  }

  #newLog(): IsolatedLog {
    const { limit, disorder } = this.#options;
    return new IsolatedLog(limit, disorder, {
      before: (write) => this.#before(write),
      after: (write) => this.#after(write),
    });
  }

  #before(write: Write): void {
    if (this.commits.count > this.#began) {
      const removed = this.#removedTop(write);
      if (removed !== undefined) this.#refuse(removedByOthers(removed));
    }
    if (this.commits.count > this.#since) {
      const problem = staleWriteProblem(this, write);
      if (problem !== undefined) this.#refuse(problem);
    }
    this.arrays.add(write, this.reads.position);
    if (write instanceof MoveWrite) for (const { node } of write.moves) this.#keepCopy(node);
    this.#keepHomes(write);
  }

  #keepCopy(node: StateNode): void {
    this.#moved.add(node);
    const copy = copyAbove(this, node);
    if (copy !== undefined) this.reads.inherit(node, copy.read);
  }

  /**
   * What a part that was taken out goes on holding may belong elsewhere since, by writes that are
   * published: undoing this write would give it back to that part.
   */
  #keepHomes(write: Write): void {
    const moves: Move[] = [];
    for (const node of takenOut(write)) {
      const meta = metaOf(node);
      if (meta === undefined || meta.parent === write.node) continue;
      const { parent, key } = meta;
      moves.push({ node, fromParent: parent, fromKey: key, toParent: parent, toKey: key });
    }
    if (moves.length > 0) this.#log.again(new MoveWrite(moves));
  }

  #after(write: Write): void {
    this.#remember(write);
    if (this.commits.count > this.#since) {
      if (write instanceof MoveWrite) for (const { node } of write.moves) this.#others.moved(node);
      this.#assertNothingLost(takenOut(write));
    }
    this.#options.onWrite();
  }

  /** From now on the handler knows what stands there. */
  #remember(write: Write): void {
    if (write instanceof FieldWrite || write instanceof EntryWrite) {
      this.reads.own(write.node, write.key, write.after);
    } else if (
      write instanceof SpliceWrite ||
      write instanceof OrderWrite ||
      write instanceof ClearWrite
    ) {
      this.reads.restructured(write.node);
    } else if (write instanceof TouchWrite && write.place !== undefined) {
      this.reads.own(write.touched, write.place.key, write.place.value);
    }
  }

  /** The handler has read in what it takes out, and others have changed that meanwhile. */
  #assertNothingLost(removed: readonly StateNode[]): void {
    for (const top of removed) {
      for (const node of this.#others.below(top, this.#since)) {
        if (!this.standing.isTakenOut(node)) continue;
        if (isStaleNode(this, node) || this.pastsOf(node).length > 0)
          this.#refuse(staleWrite(node));
      }
    }
  }

  /** The handler has read it, and others have removed it since. */
  #hasLostSightOf(node: StateNode): boolean {
    const { nodes, copied } = this.reads;
    return (nodes.has(node) || copied.has(node)) && this.standing.isRemoved(node);
  }

  #replay(since: number): void {
    const changed = [...this.commits.nodesSince(since)].filter((node) =>
      this.standing.isInTree(node),
    );
    const replay = new Replay(this, since);
    const writes = this.#log.take();
    for (const write of writes) {
      const problem = this.#again(replay, write);
      if (problem === undefined) continue;
      this.#conflict = problem;
      this.#log.undo();
      this.#log.take();
      this.#salvage(writes);
      return;
    }
    replay.settle();
    const lost = changed.find((node) => !this.standing.isInTree(node));
    if (lost !== undefined) this.#conflict = overwritten(lost);
  }

  #again(replay: Replay, write: Write): HoldfastError | undefined {
    const removed = this.#removedTop(write);
    if (removed !== undefined) return removedByOthers(removed);
    const adapted = replay.adapt(write);
    if (adapted instanceof HoldfastError) return adapted;
    this.#log.again(adapted);
    return undefined;
  }

  #salvage(writes: readonly Write[]): void {
    this.arrays.clear();
    for (const write of writes) {
      const saved = salvage(write, this.standing);
      if (saved === undefined) continue;
      this.#keepHomes(saved);
      this.#log.again(saved);
    }
  }

  #assertReads(): void {
    if (this.commits.count === this.#since) return;
    this.#log.undo();
    this.#conflict = staleReadProblem(this);
    this.#log.redo();
  }

  /** The node that a write is made to, if somebody else has removed it. */
  #removedTop(write: Write): StateNode | undefined {
    const node = write instanceof TouchWrite ? write.touched : write.node;
    return node !== undefined && this.standing.isRemoved(node) ? node : undefined;
  }

  #refuse(problem: HoldfastError): never {
    this.#conflict ??= problem;
    throw problem;
  }
}
