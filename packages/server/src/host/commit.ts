import {
  type Answer,
  type CommitMessage,
  encodeMessage,
  type HoldfastError,
  type Limits,
  type Value,
} from "@holdfast/protocol";
import type { AsyncTransaction } from "../state/async-transaction.ts";
import type { Write } from "../state/log/write.ts";
import type { StateTree, TransactionOptions } from "../state/state-tree.ts";
import type { Transaction } from "../state/transaction.ts";
import type {
  FinishedSequence,
  JournalCommit,
  JournalEntry,
  JournalMeta,
} from "../storage/journal-entry.ts";
import type { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { PersistErrorHook, ModuleHooks } from "../module/hooks.ts";
import { callHook } from "./call-hook.ts";
import { KeyMove, type KeyWatch } from "./move/key-watch.ts";
import type { Effects } from "./effects.ts";
import { encodeCommit } from "./encode-commit.ts";
import { encodeResult } from "./encode-result.ts";
import { refusalOf, type Refusing } from "./refusal.ts";
import type { Sequence, Sequences } from "./sequences.ts";
import { Stale } from "./stale.ts";
import type { Platform } from "./platform.ts";
import { showStateBefore } from "./state-before.ts";

/** One action to run: what changes state, and on whose behalf. */
export interface Work {
  /** For the operator's log: `increment`. */
  readonly name: string;
  /** The client's sequence that it answers; `undefined` for the host's own. */
  readonly sequence: Sequence | undefined;
  /** The transaction of an asynchronous action, which goes on; others get one for this run. */
  readonly transaction?: AsyncTransaction;
  /** The action is not over: what it has written is published, its answer comes later. */
  readonly partial?: boolean;
  /** It makes the patches of a client, and throws `Stale` where they have to be made again. */
  readonly isPatch?: boolean;
  /** What it writes to the database itself is undone with it. */
  readonly savepoint?: boolean;
  /** What happens with it beside its changes of the state. */
  readonly effects?: Effects;
  /** Whether it has written to the database: then its answer is stored with that. */
  readonly database?: { readonly written: boolean };
  /** A connection has sent it, and this is its end: it may change the key that is derived from the state. */
  readonly mayMove?: boolean;
  /** The session on whose behalf it is; `undefined`: nobody's. */
  readonly session?: string | undefined;
  /** A session arrives: no limit of an action's holds, and its refusal is not kept. */
  readonly isAdoption?: boolean;
  /** Runs the handler, or gives what an asynchronous one returned. What it returns is the result. */
  run(state: object): unknown;
}

/** What became of one work. */
export type Outcome =
  /** Durable. `commit` is the encoded message, `undefined` where nothing changed; so are `events`. */
  | {
      readonly type: "decided";
      readonly answer: Answer;
      readonly commit: string | undefined;
      readonly events: readonly string[];
    }
  /** It changes the key: it is undone, and its session is to move. Those behind it are undecided. */
  | { readonly type: "moving"; readonly move: KeyMove }
  /** The durable write failed: nothing happened, it may be tried again. */
  | { readonly type: "undecided" }
  /** It has to be made again on the state at hand: nothing happened. */
  | { readonly type: "stale" }
  /** It came behind one that has to be made again: nothing happened, and nothing is to be told. */
  | { readonly type: "void" };

/** Is told of versions as they are made, before they are durable, and of those that are undone. */
export interface VersionWatch {
  made(version: number, writes: readonly Write[], origin: Sequence | undefined): void;
  /** Those above this one. */
  unmade(version: number): void;
}

interface Run {
  readonly work: Work;
  /** What to undo should the write fail; `undefined` where the run has undone it itself. */
  readonly transaction: Transaction | undefined;
  readonly answer: Answer;
  readonly commit: JournalCommit | undefined;
}

/** Nothing was decided, whatever becomes of the others. */
interface NoRun {
  readonly work: Work;
  readonly transaction: undefined;
  readonly answer: undefined;
  readonly commit: undefined;
  readonly outcome: Extract<Outcome, { readonly type: "moving" | "stale" | "void" }>;
}

/** 36 random bits: two histories that share epoch and version differ here. */
const MARK_CHARACTERS = 6;

/** What is stored with a part of an action, until its real answer takes the place. */
export const INTERRUPTED: Answer = {
  type: "reject",
  error: {
    code: "INTERRUPTED",
    message:
      "The server stopped while the action ran. What it had published with commit() stands, the rest did not happen.",
  },
};

/** Ends a transaction whose work is undone; whoever has to know knows. */
const UNDO = new Error("undo");

/**
 * The one door: state changes here and nowhere else. Memory, disk, version and answers change
 * together, in this order: run each work, derive its patches, check sizes (a work that fails is
 * undone at once), one durable write for all; when the write fails, everything is undone in reverse.
 * The caller sends what comes back, so nothing is ever sent before its write.
 */
export class Committer {
  readonly #tree: StateTree;
  readonly #journal: Journal;
  readonly #sequences: Sequences;
  readonly #platform: Platform;
  readonly #refusing: Refusing;
  readonly #onPersistError: PersistErrorHook | undefined;
  /** Is told behind a durable commit, before anybody else is. */
  readonly #onCommit: (() => void) | undefined;
  #readOnly: HoldfastError | undefined;
  readonly #limits: Limits;
  readonly #meta: JournalMeta;
  readonly #watch: VersionWatch | undefined;
  readonly #sql: SqlPort;
  readonly #keys: KeyWatch | undefined;
  /** Asked for by the first write only; made once, as every write names one. */
  readonly #stateNow = (): Value => this.#tree.root;
  readonly #committedState = (): Value => this.#tree.committed();
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
  }) {
    this.#tree = parts.tree;
    this.#journal = parts.journal;
    this.#sequences = parts.sequences;
    this.#platform = parts.platform;
    const { platform, hidesPlaces, hooks } = parts;
    this.#refusing = { platform, hidesPlaces, onError: hooks.error };
    this.#onPersistError = hooks.persistError;
    this.#onCommit = parts.onCommit;
    this.#readOnly = parts.readOnly;
    this.#limits = parts.limits;
    this.#meta = parts.meta;
    this.#watch = parts.watch;
    this.#sql = parts.sql;
    this.#keys = parts.keys;
    this.#version = parts.journal.version;
  }

  /** Nothing is written any more: whoever is under way is refused. */
  retire(reason: HoldfastError): void {
    this.#readOnly = reason;
  }

  /** The version of the state in memory, which is the durable one. */
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
      for (const { work, transaction } of runs.toReversed()) {
        if (work.sequence && !work.partial) this.#sequences.reopen(work.sequence);
        transaction?.undo();
        transaction?.end();
      }
      this.#version = before;
      this.#watch?.unmade(before);
      return undefined;
    }
    if (this.#version > before) this.#onCommit?.();
    return runs.map((run) => {
      if (!run.answer) return run.outcome;
      const { work, transaction, answer, commit } = run;
      transaction?.end();
      if (answer.type === "ack") work.transaction?.publish();
      return { type: "decided", answer, commit: commit?.text, events: work.effects?.take() ?? [] };
    });
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
    return this.#undoing(() => {
      for (const work of works) {
        if (isMoving(runs)) break;
        this.#undoing(() => {
          const run = this.#run(work, mark);
          runs.push(run);
          return run.answer?.type === "ack";
        });
      }
      return this.#write(runs, mark);
    });
  }

  /** Undoes what `work` wrote to the database when it gives `false`. */
  #undoing(work: () => boolean): boolean {
    let isKept = false;
    try {
      this.#sql.transaction(() => {
        isKept = work();
        if (!isKept) throw UNDO;
      });
    } catch (error) {
      if (error !== UNDO) throw error;
    }
    return isKept;
  }

  #run(work: Work, mark: string): Run | NoRun {
    const { sequence } = work;
    if (sequence && !work.partial && !this.#sequences.follows(sequence)) {
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

  /** One durable write. True when all is durable, or nothing needs to be. */
  #write(runs: readonly (Run | NoRun)[], mark: string): boolean {
    // Its refusals are told, and stay in memory: an older code's words are not to be stored.
    if (this.#readOnly) return true;
    const commits: JournalCommit[] = [];
    const finished: FinishedSequence[] = [];
    // What was written elsewhere must not be written twice: its answer cannot wait for a row.
    let isUrgent = false;
    const effects: Effects[] = [];
    for (const { work, answer, commit } of runs) {
      if (commit) commits.push(commit);
      if (answer && work.effects?.isDurable) effects.push(work.effects);
      if (!answer || !work.sequence || (work.partial && !commit)) continue;
      if (work.isAdoption && answer.type === "reject") continue;
      const { principal, client, seq, settled } = work.sequence;
      const stored = work.partial ? INTERRUPTED : answer;
      finished.push({ principal, client, seq, settled, answer: stored });
      if (stored.type === "reject" || work.database?.written) isUrgent = true;
    }
    const { unsaved } = this.#sequences;
    isUrgent ||= effects.length > 0;
    if (commits.length === 0 && !isUrgent && unsaved.length < this.#limits.unsavedAnswers) {
      this.#sequences.addUnsaved(finished);
      return true;
    }
    if (this.#journal.overtakes(commits)) this.#keepBefore(runs);
    const entry: JournalEntry = {
      meta: this.#meta,
      mark,
      commits,
      finished: unsaved.length > 0 ? [...unsaved, ...finished] : finished,
      // What is being committed is in the tree: those of a batch, or the one that derived last.
      state: commits.length > 0 ? this.#stateNow : this.#committedState,
    };
    try {
      if (effects.length === 0) this.#journal.write(entry);
      else this.#writeWith(effects, entry);
    } catch (error) {
      this.#platform.report(error, "A durable write failed; its actions were undone and stay open");
      callHook(this.#platform, () => this.#onPersistError?.(this.#meta.key, error));
      return false;
    }
    this.#sequences.clearUnsaved();
    return true;
  }

  /** The journal last: it takes for durable what it has written. */
  #writeWith(effects: readonly Effects[], entry: JournalEntry): void {
    this.#sql.transaction(() => {
      for (const one of effects) one.writeAll();
      if (entry.commits.length + entry.finished.length > 0) this.#journal.write(entry);
    });
  }

  /** The checkpoint under way has yet to take what the runs have changed: as it was before them. */
  #keepBefore(runs: readonly (Run | NoRun)[]): void {
    const own = runs.flatMap(({ transaction }) => transaction ?? []);
    try {
      showStateBefore(this.#tree, runs[0]?.work.transaction ?? own, (before) =>
        this.#journal.keep(before),
      );
    } catch (error) {
      this.#platform.report(error, "A checkpoint could not go on; it is begun anew");
    }
  }
}

function noRun(work: Work, outcome: NoRun["outcome"]): NoRun {
  return { work, transaction: undefined, answer: undefined, commit: undefined, outcome };
}

/** The last one moves its session: those behind it are not run. */
function isMoving(runs: readonly (Run | NoRun)[]): boolean {
  const last = runs.at(-1);
  return last !== undefined && !last.answer && last.outcome.type === "moving";
}
