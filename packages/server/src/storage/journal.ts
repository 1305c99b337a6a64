import { HoldfastError, type Limits, type Value } from "@holdfast/protocol";
import { Checkpoint } from "./checkpoint.ts";
import { ClientRows } from "./client-rows.ts";
import { Damage } from "./damage.ts";
import { findClient, foldAnswers, forgetReported } from "./fold-answers.ts";
import type { ClientRecord, JournalCommit, JournalEntry, JournalMeta } from "./journal-entry.ts";
import { JournalLog, type PreparedWrite } from "./journal-log.ts";
import type { PatchHead } from "./journal-row.ts";
import { type MetaRow, readMeta, writeMeta } from "./meta-row.ts";
import { Partition } from "./parts/partition.ts";
import { quarantine } from "./quarantine.ts";
import { readLog } from "./read-log.ts";
import { replayLog } from "./replay-log.ts";
import type { SqlPort } from "./sql-port.ts";
import { reading, restoreFailed, storing } from "./storage-failure.ts";
import { createTables, hasTables } from "./tables.ts";

export interface JournalOptions {
  readonly limits: Limits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Names the history that begins with the first write; not used where one is stored. */
  readonly epoch: string;
}

/**
 * The durable side of one instance: its commits, its clients' answers and its state as of the
 * checkpoint, in one SQLite database. A call that throws has stored nothing, and the journal is as
 * it was before the call.
 *
 * ```ts
 * const journal = Journal.open(sql, { limits, now, epoch });
 * const stored = journal.restore();
 * if (journal.overtakes(commits)) journal.keep(stateBefore);
 * journal.write({ meta, mark, commits, finished, state: () => state });
 * if (journal.checkpointDue()) journal.checkpoint(state);
 * ```
 */
export class Journal {
  readonly #sql: SqlPort;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #newEpoch: string;
  #log: JournalLog;
  #clients: ClientRows;
  #meta: MetaRow | undefined;
  #failure: HoldfastError | undefined;
  #damage: Damage | undefined;
  #checkpoint: Checkpoint | undefined;
  #version = 0;
  #mark = "";
  #reported = new Map<string, Omit<ClientRecord, "answers">>();

  private constructor(sql: SqlPort, { limits, now, epoch }: JournalOptions) {
    this.#sql = sql;
    this.#limits = limits;
    this.#now = now;
    this.#newEpoch = epoch;
    this.#log = new JournalLog(sql, limits);
    this.#clients = new ClientRows(sql, limits);
  }

  /**
   * Reads what is known without the state. Writes nothing, unless an older format is brought up to date.
   *
   * @throws HoldfastError `STORAGE_FAILED`; what is stored and cannot be used is told by `failure`
   */
  static open(sql: SqlPort, options: JournalOptions): Journal {
    const journal = new Journal(sql, options);
    reading("What the instance has stored", () => {
      if (hasTables(sql)) journal.#read();
    });
    return journal;
  }

  /** Why the stored history cannot be used: `RESTORE_FAILED` or `SCHEMA_TOO_NEW`. */
  get failure(): HoldfastError | undefined {
    return this.#failure;
  }

  /** Whose history is stored; `undefined` before the first write. */
  get meta(): JournalMeta | undefined {
    return this.#meta;
  }

  get epoch(): string {
    return this.#meta?.epoch ?? this.#newEpoch;
  }

  /** The newest durable version; 0 before the first commit. */
  get version(): number {
    return this.#version;
  }

  /** The mark of that version; `""` for version 0. */
  get mark(): string {
    return this.#mark;
  }

  /**
   * The state at `version`, which the caller owns from now on; `undefined` before the first write.
   * Rows that cannot be decoded are moved to quarantine.
   *
   * @throws HoldfastError `failure`, or `STORAGE_FAILED`
   */
  restore(): Value | undefined {
    if (this.#failure) throw this.#failure;
    const meta = this.#meta;
    if (!meta) return undefined;
    return reading("The state", () => {
      try {
        return this.#restore(meta);
      } catch (error) {
        if (!(error instanceof Damage)) throw error;
        storing("What cannot be read", () => quarantine(this.#sql, error, this.#time()));
        this.#failure = restoreFailed(error.message, { cause: error });
        throw this.#failure;
      }
    });
  }

  /**
   * Stores commits and answers, in one row unless that would be larger than `rowBytes`. The first
   * write of a history also creates the tables and stores the state.
   *
   * @throws HoldfastError `STORAGE_FAILED`: nothing is stored
   */
  write(entry: JournalEntry): void {
    this.#checkWrite(entry);
    const version = this.#version;
    const prepared = this.#log.prepare(entry, version, this.#time());
    const meta = this.#meta;
    if (meta) {
      storing("A commit", () => this.#put(meta, entry, prepared));
      if (meta.schema !== entry.meta.schema) this.#meta = { ...meta, schema: entry.meta.schema };
      this.#checkpoint?.committed(entry.commits, prepared.bytes);
    } else {
      storing("The first commit", () => this.#begin(entry, prepared));
    }
    for (const one of entry.finished) {
      if (!this.#log.answers.find(one.principal, one.client)) this.#reportedInRow(one);
    }
    this.#log.added(prepared, entry, version);
    this.#version = version + entry.commits.length;
    if (entry.commits.length > 0) this.#mark = entry.mark;
    if (this.#meta) this.#log.release(this.#meta.version);
  }

  /**
   * The texts of the commits after `version`; `undefined` where only a snapshot can help.
   *
   * @param from.mark `undefined` for a version that is known to be of this history
   * @param most so many characters, or one commit, are enough
   */
  resume(
    from: { epoch: string; version: number; mark: string | undefined },
    most: number = Number.POSITIVE_INFINITY,
  ): string[] | undefined {
    if (from.epoch !== this.epoch) return undefined;
    return reading("The commits", () => this.#log.textsAfter(from.version, from.mark, most));
  }

  /** The texts of the commits after `version` of this history; `undefined` outside the window. */
  commitsAfter(version: number): string[] | undefined {
    return reading("The commits", () =>
      this.#log.textsAfter(version, undefined, Number.POSITIVE_INFINITY),
    );
  }

  /** Whose patches made which of the versions after `version`, of those that `commitsAfter` gives. */
  patchesAfter(version: number): PatchHead[] {
    return reading("The commits", () => this.#log.patchesAfter(version));
  }

  /**
   * What is known of a client that is not in memory; `undefined` where nothing is kept. Answers are
   * kept until they are reported, or for 30 days.
   */
  client(principal: string, client: string): ClientRecord | undefined {
    return reading("The answers of a client", () =>
      findClient(this.#log, this.#clients, { principal, client }, this.#time()),
    );
  }

  /** A client has reported all answers up to `settled`: their rows may go. Writes nothing. */
  settle(principal: string, client: string, settled: number): void {
    if (this.#log.answers.settle(principal, client, settled)) return;
    this.#reportedInRow({ principal, client, settled });
  }

  /**
   * Whether `commits`, which are to be written next, change what the checkpoint under way has yet to
   * take; then `keep` is to be shown the state before them. A checkpoint that is not shown it begins
   * anew, which costs more.
   */
  overtakes(commits: readonly JournalCommit[]): boolean {
    return this.#checkpoint?.overtakes(commits) ?? false;
  }

  /**
   * Keeps, in memory, what the checkpoint under way needs of the state before a change.
   *
   * @param before the state at `version`; read now, never kept
   */
  keep(before: Value): void {
    this.#checkpoint?.keep(before);
  }

  /** Whether `checkpoint` has something to do; cheap enough to ask after every write. */
  checkpointDue(): boolean {
    if (!this.#checkpoint) return false;
    return this.#checkpoint.due || this.#upkeepDue;
  }

  /**
   * Does what is due: writes some of the parts of the state that have changed, and makes room in the
   * journal. The work that the commits have saved, so that a wake is short and storage bounded. Parts
   * count once all that had changed up to one version are written, some calls later.
   *
   * @param state the state at `version`; read now, never kept
   * @throws HoldfastError `STORAGE_FAILED`: nothing is stored; it is still due
   */
  checkpoint(state: Value): void {
    const checkpoint = this.#checkpoint;
    if (!checkpoint) return;
    do {
      checkpoint.take(state, { version: this.#version, mark: this.#mark });
      storing("A checkpoint", () => {
        // One row by itself is as atomic as a transaction, and costs less.
        if (checkpoint.held === 1 && !checkpoint.counted && !this.#upkeepDue) checkpoint.put();
        else this.#sql.transaction(() => this.#upkeep(checkpoint))();
      });
      checkpoint.placed();
    } while (checkpoint.hurries);
    if (this.#meta) this.#log.release(this.#meta.version);
  }

  /** Whether `useLull` may have something to do; cheap enough to ask after every write. */
  get mayUseLull(): boolean {
    return this.#checkpoint?.mayUseLull ?? false;
  }

  /**
   * Nobody waits for anything: writes a good piece of what the next wake would have to replay. An
   * instance that nobody asks for anything sleeps soon, and a checkpoint under way would be lost.
   *
   * @param state as for `checkpoint`
   * @returns whether there is more to write
   * @throws HoldfastError `STORAGE_FAILED`: nothing is stored
   */
  useLull(state: Value): boolean {
    this.#checkpoint?.inLull(() => {
      if (this.checkpointDue()) this.checkpoint(state);
    });
    return this.#checkpoint?.isUnderWay ?? false;
  }

  /** Puts parts, folds answers and makes room. Inside a transaction; what to do once it is durable. */
  #upkeep(checkpoint: Checkpoint): () => void {
    // True because a checkpoint is of a stored history.
    const meta = this.#meta as MetaRow;
    const now = this.#time();
    checkpoint.put();
    let next: MetaRow = { ...meta, ...checkpoint.counted };
    const foldUpTo = this.#log.foldDue();
    const settled: (() => void)[] = [];
    if (foldUpTo !== undefined) {
      settled.push(foldAnswers(this.#log, this.#clients, foldUpTo, now));
      next = { ...next, folded: foldUpTo };
    }
    forgetReported(this.#clients, this.#reported.values(), now);
    settled.push(this.#log.emptyIdle());
    if (next.round !== meta.round || next.folded !== meta.folded) writeMeta(this.#sql, next);
    return () => {
      this.#meta = next;
      this.#reported.clear();
      for (const settle of settled) settle();
    };
  }

  get #upkeepDue(): boolean {
    return this.#log.upkeepDue || this.#reported.size >= this.#limits.reportedClients;
  }

  #read(): void {
    try {
      const meta = readMeta(this.#sql);
      this.#meta = meta;
      if (meta.failure !== null) throw restoreFailed(meta.failure);
      const { log, version, mark, damage } = readLog(this.#sql, this.#limits, meta);
      this.#log = log;
      this.#version = version;
      this.#mark = mark;
      this.#damage = damage;
      this.#clients.find();
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      this.#failure = error;
    }
  }

  #restore(meta: MetaRow): Value {
    const { partition, state } = Partition.restore(this.#sql, this.#limits, meta);
    if (this.#damage) throw this.#damage;
    const restored = replayLog(this.#log, meta.version, state, ({ patches }) =>
      partition.replayed(patches),
    );
    this.#checkpoint = new Checkpoint(partition, this.#limits, {
      commits: this.#version - meta.version,
      bytes: this.#log.above(meta.version).reduce((sum, { bytes }) => sum + bytes, 0),
    });
    return restored;
  }

  #begin(entry: JournalEntry, prepared: PreparedWrite): void {
    const partition = new Partition(this.#sql, this.#limits);
    const meta = this.#sql.transaction(() => {
      createTables(this.#sql);
      this.#log.put(prepared);
      const meta: MetaRow = {
        ...entry.meta,
        epoch: this.#newEpoch,
        version: entry.commits.length,
        mark: entry.commits.length > 0 ? entry.mark : "",
        ...partition.write(entry.state()),
        folded: 0,
        failure: null,
      };
      writeMeta(this.#sql, meta);
      return meta;
    });
    partition.finish();
    this.#meta = meta;
    this.#checkpoint = new Checkpoint(partition, this.#limits);
  }

  #put(meta: MetaRow, entry: JournalEntry, prepared: PreparedWrite): void {
    if (prepared.rows.length === 1 && meta.schema === entry.meta.schema) {
      this.#log.put(prepared);
      return;
    }
    this.#sql.transaction(() => {
      this.#log.put(prepared);
      if (meta.schema !== entry.meta.schema)
        writeMeta(this.#sql, { ...meta, schema: entry.meta.schema });
    });
  }

  /** What a client without open answers in the journal has reported, its row may still keep. */
  #reportedInRow({ principal, client, settled }: Omit<ClientRecord, "answers">): void {
    if (settled === 0 || !this.#clients.mayExist) return;
    this.#reported.set(JSON.stringify([principal, client]), { principal, client, settled });
  }

  #checkWrite({ meta, commits }: JournalEntry): void {
    if (this.#failure) throw this.#failure;
    if (this.#meta && !this.#checkpoint)
      throw internal("A stored history was written to before it was restored.");
    if (this.#meta && (this.#meta.module !== meta.module || this.#meta.key !== meta.key)) {
      throw internal("An entry is of another module or key than its journal.");
    }
    let version = this.#version;
    for (const commit of commits) {
      if (commit.version !== ++version)
        throw internal("A commit does not follow the newest version.");
    }
  }

  #time(): number {
    return Math.floor(this.#now());
  }
}

function internal(problem: string): HoldfastError {
  return new HoldfastError("INTERNAL", `${problem} This is a bug of Holdfast; nothing was stored.`);
}
