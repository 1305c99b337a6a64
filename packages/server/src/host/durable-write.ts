import type { Limits, Value } from "@holdfast/protocol";
import type { PersistErrorHook } from "../module/hooks.ts";
import type { StateTree } from "../state/state-tree.ts";
import type {
  FinishedSequence,
  JournalCommit,
  JournalEntry,
  JournalMeta,
} from "../storage/journal-entry.ts";
import type { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { callHook } from "./call-hook.ts";
import type { Effects } from "./effects.ts";
import type { Platform } from "./platform.ts";
import { finishedOf, type NoRun, type Run } from "./run.ts";
import type { Sequences } from "./sequences.ts";
import { showStateBefore } from "./state-before.ts";
import type { Held } from "./unsaved.ts";

/** What writing works with. */
export interface DurableWriteParts {
  readonly tree: StateTree;
  readonly journal: Journal;
  readonly sequences: Sequences;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly meta: JournalMeta;
  readonly sql: SqlPort;
  readonly onPersistError: PersistErrorHook | undefined;
}

/** What is to be stored together. */
interface Batch {
  readonly commits: JournalCommit[];
  readonly finished: FinishedSequence[];
  readonly effects: Effects[];
  /** It cannot wait for the next commit. */
  isUrgent: boolean;
}

/** Makes what works have come to durable: effects, commits and answers in one write, or nothing. */
export class DurableWrite {
  /** Why the last one failed. */
  failure: unknown;
  readonly #parts: DurableWriteParts;
  /** Asked for by the first write only; made once, as every write names one. */
  readonly #stateNow = (): Value => this.#parts.tree.root;
  readonly #committedState = (): Value => this.#parts.tree.committed();

  constructor(parts: DurableWriteParts) {
    this.#parts = parts;
  }

  /**
   * True when all is durable, or nothing needs to be; otherwise nothing was stored.
   *
   * @param held what earlier writes did not take, which is in memory all the same
   */
  write(runs: readonly (Run | NoRun)[], held: readonly Held[], mark: string): boolean {
    const { journal, sequences, limits, meta } = this.#parts;
    const { commits, finished, effects, isUrgent } = batchOf(runs, held);
    const { unsaved } = sequences;
    if (commits.length === 0 && !isUrgent && unsaved.length < limits.unsavedAnswers) {
      sequences.addUnsaved(finished);
      return true;
    }
    // What is kept in memory only is in the tree, before and after: the checkpoint begins anew.
    if (held.length === 0 && journal.overtakes(commits)) this.#keepBefore(runs);
    const isStored = this.#store(effects, {
      meta,
      mark,
      commits,
      finished: unsaved.length > 0 ? [...unsaved, ...finished] : finished,
      // What is being committed is in the tree: those of a batch, or the one that derived last.
      state: commits.length > 0 ? this.#stateNow : this.#committedState,
    });
    if (isStored) sequences.clearUnsaved();
    return isStored;
  }

  #store(effects: readonly Effects[], entry: JournalEntry): boolean {
    const { journal, platform, meta, onPersistError } = this.#parts;
    let isJournalled = false;
    try {
      if (effects.length === 0) journal.write(entry);
      else this.#storeWith(effects, entry, () => (isJournalled = true));
      return true;
    } catch (error) {
      // The journal takes for durable what was taken back behind it: the instance starts afresh.
      if (isJournalled) throw error;
      this.failure = error;
      platform.report(error, "A durable write failed; its actions were undone and stay open");
      callHook(platform, () => onPersistError?.(meta.key, error));
      return false;
    }
  }

  /** The journal last: it takes for durable what it has written. */
  #storeWith(effects: readonly Effects[], entry: JournalEntry, onJournalled: () => void): void {
    const { sql, journal } = this.#parts;
    sql.transaction(() => {
      for (const one of effects) one.writeAll();
      if (entry.commits.length + entry.finished.length === 0) return;
      journal.write(entry);
      onJournalled();
    });
  }

  /** The checkpoint under way has yet to take what the runs have changed: as it was before them. */
  #keepBefore(runs: readonly (Run | NoRun)[]): void {
    const { tree, journal, platform } = this.#parts;
    const own = runs.flatMap(({ transaction }) => transaction ?? []);
    try {
      showStateBefore(tree, runs[0]?.work.transaction ?? own, (before) => journal.keep(before));
    } catch (error) {
      platform.report(error, "A checkpoint could not go on; it is begun anew");
    }
  }
}

function batchOf(runs: readonly (Run | NoRun)[], held: readonly Held[]): Batch {
  const batch: Batch = { commits: [], finished: [], effects: [], isUrgent: held.length > 0 };
  const { commits, finished, effects } = batch;
  for (const one of held) {
    if (one.commit) commits.push(one.commit);
    if (one.effects?.isDurable) effects.push(one.effects);
    if (one.finished) finished.push(one.finished);
  }
  for (const run of runs) {
    const { work, answer, commit } = run;
    if (commit) commits.push(commit);
    if (answer && work.effects?.isDurable) effects.push(work.effects);
    const stored = answer && finishedOf(run);
    if (!stored) continue;
    finished.push(stored);
    // What was written elsewhere must not be written twice: its answer cannot wait for a row.
    if (stored.answer.type === "reject" || work.database?.written) batch.isUrgent = true;
  }
  if (effects.length > 0) batch.isUrgent = true;
  return batch;
}
