import { HoldfastError, type Limits, type ValueObject } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { JournalMeta } from "../storage/journal-entry.ts";
import type { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { storedSizes, type StoredSizes } from "../storage/stored-sizes.ts";
import type { Alarms } from "./alarms.ts";
import type { Audience } from "./audience.ts";
import { readBackup, writeBackup } from "./backup.ts";
import { beginAnew } from "./begin-anew.ts";
import type { Committer } from "./commit.ts";
import type { KeyWatch } from "./move/key-watch.ts";
import { type CommitReport, latestCommits } from "./latest-commits.ts";
import type { Platform } from "./platform.ts";
import { SCHEDULE } from "./schedule.ts";
import { interruptAllStreams } from "./stream/interrupt-streams.ts";

/** What administration works with. */
export interface AdminParts {
  readonly module: ModuleDefinition;
  readonly meta: JournalMeta;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly tree: Pick<StateTree, "committed">;
  readonly journal: Journal;
  readonly committer: Committer;
  readonly audience: Audience;
  readonly alarms: Alarms;
  /** For a module whose key is derived from its state. */
  readonly keys: KeyWatch | undefined;
}

/** What there is to know of an instance, but for its state. */
export interface InstanceReport {
  readonly module: string;
  readonly key: string;
  readonly epoch: string;
  /** The number of commits of its history. */
  readonly version: number;
  /** The version of the stored state's shape; `undefined`: nothing is stored. */
  readonly schema: number | undefined;
  readonly connections: number;
  /** What of the history is stored. */
  readonly stored: StoredSizes;
  /** Scheduled actions that have yet to run, the next one first: when, in milliseconds since 1970. */
  readonly scheduled: readonly number[];
  /** The latest commits, the newest first, where they were asked for. */
  readonly commits?: readonly CommitReport[];
}

/** What is done to an instance as a whole, by people and tools. */
export class Admin {
  readonly #parts: AdminParts;

  constructor(parts: AdminParts) {
    this.#parts = parts;
  }

  exportState(): Promise<string> {
    const { module, meta, platform, tree, journal } = this.#parts;
    const { epoch, version } = journal;
    const origin = { module: meta.module, key: meta.key, epoch, version };
    const time = Math.floor(platform.now());
    return writeBackup(module, { ...origin, time }, tree.committed());
  }

  async importState(backup: string): Promise<void> {
    const { module, meta, keys } = this.#parts;
    const state = await readBackup(module, meta.module, backup);
    if (keys?.isForeign(state)) {
      throw new HoldfastError(
        "KEY_CHANGE",
        "The backup is of another key: withKey() gives another one for its state than for this instance. Import it where it belongs. Nothing was changed.",
      );
    }
    this.#replace(interruptAllStreams(state), "imported");
  }

  destroy(): void {
    this.#replace(undefined, "destroyed");
  }

  /** @param commits how many of the latest commits are to be told as well */
  inspect(commits: number = 0): InstanceReport {
    const { meta, sql, journal, audience, alarms } = this.#parts;
    return {
      module: meta.module,
      key: meta.key,
      epoch: journal.epoch,
      version: journal.version,
      schema: journal.meta?.schema,
      connections: [...audience.everybody()].length,
      stored: storedSizes(sql),
      scheduled: alarms.list(SCHEDULE).map(({ at }) => at),
      ...(commits > 0 && { commits: latestCommits(journal, commits) }),
    };
  }

  #replace(state: ValueObject | undefined, what: string): void {
    const { committer, meta } = this.#parts;
    beginAnew(this.#parts, meta, state);
    // What is under way would go on with the history that is gone.
    committer.retire(
      new HoldfastError(
        "INTERRUPTED",
        `The state was ${what} while the action was under way; nothing of it is left.`,
      ),
    );
  }
}
