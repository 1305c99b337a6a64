import {
  type Answer,
  type CommitMessage,
  encodeMessage,
  type HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type { AsyncTransaction } from "../state/async-transaction.ts";
import type { Write } from "../state/log/write.ts";
import type { StateTree, TransactionOptions } from "../state/state-tree.ts";
import type { Transaction } from "../state/transaction.ts";
import type { JournalMeta } from "../storage/journal-entry.ts";
import type { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { ModuleHooks } from "../module/hooks.ts";
import { DurableWrite } from "./durable-write.ts";
import { keptIf } from "./kept-if.ts";
import { KeyMove, type KeyWatch } from "./move/key-watch.ts";
import type { News } from "./news.ts";
import { encodeCommit } from "./encode-commit.ts";
import { encodeResult } from "./encode-result.ts";
import { refusalOf, type Refusing } from "./refusal.ts";
import type { Sequence, Sequences } from "./sequences.ts";
import {
  decided,
  finishedOf,
  isMoving,
  noRun,
  type NoRun,
  type Outcome,
  type Run,
  settle,
  type Work,
} from "./run.ts";
import { Stale } from "./stale.ts";
import { type Held, Unsaved } from "./unsaved.ts";
import type { Platform } from "./platform.ts";

/** Is told of versions as they are made, before they are durable, and of those that are undone. */
export interface VersionWatch {
  made(version: number, writes: readonly Write[], origin: Sequence | undefined): void;
  /** Those above this one. */
  unmade(version: number): void;
}

/** 36 random bits: two histories that share epoch and version differ here. */
const MARK_CHARACTERS = 6;

/**
 * The one door: state changes here and nowhere else. Memory, disk, version and answers change
 * together, in this order: run each work, derive its patches, check sizes (a work that fails is
 * undone at once), one durable write for all; when the write fails, everything is undone in reverse.
 * The caller sends what comes back, so nothing is ever sent before its write.
 */
export class Committer {
  readonly #tree: StateTree;
  readonly #sequences: Sequences;
  readonly #platform: Platform;
  readonly #refusing: Refusing;
  /** Is told behind a durable commit, before anybody else is. */
  readonly #onCommit: (() => void) | undefined;
  #readOnly: HoldfastError | undefined;
  readonly #limits: Limits;
  /** The instance's. */
  readonly key: string;
  readonly #watch: VersionWatch | undefined;
  readonly #sql: SqlPort;
  readonly #keys: KeyWatch | undefined;
  readonly #durable: DurableWrite;
  readonly #unsaved: Unsaved | undefined;
  #saved: readonly News[] = NOTHING;
  #version: number;

  constructor(parts: {
    tree: StateTree;
    journal: Journal;
    sequences: Sequences;
    platform: Platform;
    limits: Limits;
    meta: JournalMeta;
    watch: VersionWatch | undefined;
    sql: SqlPort;
    /** See `Refusing`. */
    hidesPlaces: boolean;
    hooks: ModuleHooks;
    /** Where the key is derived from the state. */
    keys: KeyWatch | undefined;
    onCommit: (() => void) | undefined;
    /** Why nothing may be written. */
    readOnly: HoldfastError | undefined;
    /** Where what storage does not take is kept in memory: there may be something to take. */
    onSaved?: (() => void) | undefined;
  }) {
    this.#tree = parts.tree;
    this.#sequences = parts.sequences;
    this.#platform = parts.platform;
    const { platform, hidesPlaces, hooks } = parts;
    this.#refusing = { platform, hidesPlaces, onError: hooks.error };
    this.#onCommit = parts.onCommit;
    this.#readOnly = parts.readOnly;
    this.#limits = parts.limits;
    this.key = parts.meta.key;
    this.#watch = parts.watch;
    this.#sql = parts.sql;
    this.#keys = parts.keys;
    this.#version = parts.journal.version;
    this.#durable = new DurableWrite({ ...parts, onPersistError: hooks.persistError });
    const retry = (): void => {
      this.#commitTogether([]);
      parts.onSaved?.();
    };
    this.#unsaved = parts.onSaved && new Unsaved(platform, parts.limits.waitingActions, retry);
  }

  /** Nothing is written any more: whoever is under way is refused. */
  retire(reason: HoldfastError): void {
    this.#readOnly = reason;
  }

  /** Nothing is written any more. */
  get isRetired(): boolean {
    return this.#readOnly !== undefined;
  }

  /** Why the last write failed. */
  get failure(): unknown {
    return this.#durable.failure;
  }

  /** The version of the state in memory: the durable one, unless it `isBehind`. */
  get version(): number {
    return this.#version;
  }

  /** Runs works in order, each atomic, all in one durable write. As many outcomes as works. */
  commit(works: readonly Work[]): Outcome[] {
    const outcomes = this.#commitTogether(works);
    if (outcomes) {
      // Behind one that moves its session, nothing of that session is started.
      for (const { sequence } of works.slice(outcomes.length)) {
        if (sequence) this.#sequences.reopen(sequence);
        outcomes.push({ type: "undecided" });
      }
      return outcomes;
    }
    if (works.length === 1) return [{ type: "undecided" }];
    // One of them may be what storage refuses. Those behind an undecided one must not overtake it.
    const single: Outcome[] = [];
    for (const work of works) {
      // The failed write has opened them all again.
      if (work.sequence && !work.partial) {
        if (!this.#sequences.isNext(work.sequence)) {
          single.push({ type: "void" });
          continue;
        }
        this.#sequences.start(work.sequence);
      }
      const outcome = this.#commitTogether([work])?.[0];
      if (!outcome) break;
      single.push(outcome);
      if (outcome.type === "moving") break;
    }
    while (single.length < works.length) single.push({ type: "undecided" });
    return single;
  }

  /** `undefined` when the durable write failed and everything is as before. */
  #commitTogether(works: readonly Work[]): Outcome[] | undefined {
    const before = this.#version;
    const mark = this.#platform.token(MARK_CHARACTERS);
    const runs: (Run | NoRun)[] = [];
    if (!this.#attempt(works, runs, mark)) {
      if (this.#mayHold(works)) return this.#hold(runs);
      for (const { work, transaction } of runs.toReversed()) {
        if (work.sequence && !work.partial) this.#sequences.reopen(work.sequence);
        if (!transaction) continue;
        transaction.undo();
        transaction.end();
        // An asynchronous one may try again, with all that it has asked for.
        work.effects?.clear();
      }
      this.#version = before;
      this.#watch?.unmade(before);
      return undefined;
    }
    this.#unsaved?.release();
    if (this.#version > before) this.#onCommit?.();
    return runs.map((run) => {
      if (!run.answer) return run.outcome;
      settle(run);
      return decided(run);
    });
  }

  /** What was kept in memory only, and has been stored since it was last asked for. */
  takeSaved(): readonly News[] {
    const saved = this.#saved;
    this.#saved = NOTHING;
    return saved;
  }

  /** Something is in memory as if it were committed, and is not stored. */
  get isBehind(): boolean {
    return this.#unsaved !== undefined && this.#unsaved.held.length > 0;
  }

  /** What wrote to the database itself is undone with that; and whoever asks has to bear to wait. */
  #mayHold(works: readonly Work[]): boolean {
    if (!this.#unsaved?.hasRoomFor(works.length)) return false;
    return works.every((one) => one.onSaved && !one.savepoint && !one.database?.written);
  }

  #hold(runs: readonly (Run | NoRun)[]): Outcome[] {
    const held = runs.flatMap((run): Held | [] => {
      if (!run.answer) return [];
      const { work, answer, commit } = run;
      const { sequence, partial, effects } = work;
      settle(run);
      // Whoever asks for it is to wait: it is not durable.
      if (sequence && !partial) this.#sequences.hold(sequence);
      const saved = (): void => {
        if (sequence && !partial) this.#sequences.finish(sequence, answer);
        const outcome = decided(run);
        const commits: readonly News[] = commit ? [{ type: "commit", text: commit.text }] : NOTHING;
        this.#saved = [...this.#saved, ...commits, ...(work.onSaved?.(outcome) ?? NOTHING)];
      };
      return { commit, finished: finishedOf(run), effects, saved };
    });
    this.#unsaved?.hold(held);
    return runs.map((run) => (run.answer ? { type: "unsaved" } : run.outcome));
  }

  /** True when all that `runs` is filled with is durable. */
  #attempt(works: readonly Work[], runs: (Run | NoRun)[], mark: string): boolean {
    if (!works.some(({ savepoint }) => savepoint)) {
      for (const work of works) {
        runs.push(this.#run(work, mark));
        if (isMoving(runs)) break;
      }
      return this.#write(runs, mark);
    }
    // One transaction around all, so that a failed write takes along what they wrote themselves.
    return keptIf(this.#sql, () => {
      for (const work of works) {
        if (isMoving(runs)) break;
        keptIf(this.#sql, () => {
          const run = this.#run(work, mark);
          runs.push(run);
          return run.answer?.type === "ack";
        });
      }
      return this.#write(runs, mark);
    });
  }

  #run(work: Work, mark: string): Run | NoRun {
    const { sequence } = work;
    const mayWait = sequence && !work.partial && !work.wasStarted;
    if (mayWait && this.#sequences.orderOf(sequence) !== "following") {
      this.#sequences.reopen(sequence);
      return noRun(work, { type: "void" });
    }
    const own = work.transaction ? undefined : this.#tree.begin(this.#optionsFor(work));
    // One of the two is there.
    const transaction = (work.transaction ?? own) as AsyncTransaction | Transaction;
    let run: Run;
    try {
      if (this.#readOnly) throw this.#readOnly;
      const result = encodeResult(work.name, work.run(transaction.state), this.#limits);
      const patches = transaction.derive();
      if (patches.length === 0) {
        // What was written cancels out; the tree itself is as before, order included.
        // Whose patches changed nothing has no commit of its own: it must not take another for it.
        const answer: Answer = { type: "ack", version: work.isPatch ? 0 : this.#version, result };
        run = { work, transaction: own, answer, commit: undefined };
      } else {
        this.#keys?.check(
          { mayMove: work.mayMove === true, result, session: work.session },
          { state: transaction.state, writes: transaction.log.writes, root: this.#tree.root },
        );
        const version = this.#version + 1;
        const message: CommitMessage = { type: "commit", version, mark, patches };
        // What a session brings along was within limits where it was written.
        const text = work.isAdoption ? encodeMessage(message) : encodeCommit(message, this.#limits);
        const answer: Answer = { type: "ack", version, result };
        run = { work, transaction: own, answer, commit: { version, text, patches } };
        this.#version = version;
        this.#watch?.made(version, transaction.log.writes, work.isPatch ? sequence : undefined);
      }
    } catch (error) {
      own?.undo();
      own?.end();
      if (error instanceof Stale && sequence) {
        this.#sequences.rewind(sequence);
        return noRun(work, { type: "stale" });
      }
      if (error instanceof KeyMove) {
        work.effects?.clear();
        return noRun(work, { type: "moving", move: error });
      }
      const answer: Answer = { type: "reject", error: refusalOf(error, work.name, this.#refusing) };
      // Overload and a failed write decide nothing, also of what nobody sends again.
      if (answer.error.code === "BUSY") work.effects?.forget();
      else work.effects?.clear();
      run = { work, transaction: undefined, answer, commit: undefined };
    }
    if (sequence && !work.partial) this.#sequences.finish(sequence, run.answer);
    return run;
  }

  #optionsFor(work: Work): TransactionOptions | undefined {
    if (!this.#keys) return undefined;
    return { keepsIdle: true, isUnlimited: work.isAdoption === true };
  }

  #write(runs: readonly (Run | NoRun)[], mark: string): boolean {
    // Its refusals are told, and stay in memory: an older code's words are not to be stored.
    if (this.#readOnly) return true;
    return this.#durable.write(runs, this.#unsaved?.held ?? NOTHING, mark);
  }
}

const NOTHING: readonly never[] = [];
