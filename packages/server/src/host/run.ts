import type { Answer } from "@holdfast/protocol";
import type { AsyncTransaction } from "../state/async-transaction.ts";
import type { Transaction } from "../state/transaction.ts";
import type { FinishedSequence, JournalCommit } from "../storage/journal-entry.ts";
import type { Effects } from "./effects.ts";
import type { KeyMove } from "./move/key-watch.ts";
import type { News } from "./news.ts";
import type { Sequence } from "./sequences.ts";

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
  /** It was started when all before it were known, which may be forgotten since: it waits for none of them. */
  readonly wasStarted?: boolean;
  /** A session arrives: no limit of an action's holds, and its refusal is not kept. */
  readonly isAdoption?: boolean;
  /** It was kept in memory when its write failed, and is durable now: what there is to tell of it. */
  readonly onSaved?: (outcome: Decided) => readonly News[];
  /** Runs the handler, or gives what an asynchronous one returned. What it returns is the result. */
  run(state: object): unknown;
}

/** Durable. `commit` is the encoded message, `undefined` where nothing changed; `news` is the rest. */
export interface Decided {
  readonly type: "decided";
  readonly answer: Answer;
  readonly commit: string | undefined;
  readonly news: readonly News[];
}

/** What became of one work. */
export type Outcome =
  | Decided
  /** The durable write failed, and the work stands in memory all the same: `onSaved` follows. */
  | { readonly type: "unsaved" }
  /** It changes the key: it is undone, and its session is to move. Those behind it are undecided. */
  | { readonly type: "moving"; readonly move: KeyMove }
  /** The durable write failed: nothing happened, it may be tried again. */
  | { readonly type: "undecided" }
  /** It has to be made again on the state at hand: nothing happened. */
  | { readonly type: "stale" }
  /** It came behind one that has to be made again: nothing happened, and nothing is to be told. */
  | { readonly type: "void" };

/** What a work has come to, so far. */
export interface Run {
  readonly work: Work;
  /** What to undo should the write fail; `undefined` where the run has undone it itself. */
  readonly transaction: Transaction | undefined;
  readonly answer: Answer;
  readonly commit: JournalCommit | undefined;
}

/** Nothing was decided, whatever becomes of the others. */
export interface NoRun {
  readonly work: Work;
  readonly transaction: undefined;
  readonly answer: undefined;
  readonly commit: undefined;
  readonly outcome: Extract<Outcome, { readonly type: "moving" | "stale" | "void" }>;
}

/** What is stored with a part of an action, until its real answer takes the place. */
export const INTERRUPTED: Answer = {
  type: "reject",
  error: {
    code: "INTERRUPTED",
    message:
      "The server stopped while the action ran. What it had published with commit() stands, the rest did not happen.",
  },
};

/** The work stands, in memory as well. */
export function settle({ work, transaction, answer }: Run): void {
  transaction?.end();
  if (answer.type === "ack") work.transaction?.publish();
}

export function decided({ work, answer, commit }: Run): Decided {
  return { type: "decided", answer, commit: commit?.text, news: work.effects?.take() ?? NOTHING };
}

/** The answer as it is stored; `undefined`: none is. */
export function finishedOf({ work, answer, commit }: Run): FinishedSequence | undefined {
  if (!work.sequence || (work.partial && !commit)) return undefined;
  if (work.isAdoption && answer.type === "reject") return undefined;
  const { principal, client, seq, settled } = work.sequence;
  return { principal, client, seq, settled, answer: work.partial ? INTERRUPTED : answer };
}

/** Nothing was decided. */
export function noRun(work: Work, outcome: NoRun["outcome"]): NoRun {
  return { work, transaction: undefined, answer: undefined, commit: undefined, outcome };
}

/** The last one moves its session: those behind it are not run. */
export function isMoving(runs: readonly (Run | NoRun)[]): boolean {
  const last = runs.at(-1);
  return last !== undefined && !last.answer && last.outcome.type === "moving";
}

const NOTHING: readonly never[] = [];
