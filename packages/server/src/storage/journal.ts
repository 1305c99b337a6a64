import { HoldfastError, type Limits, type Value } from "@holdfast/protocol";
import { ClientRows } from "./client-rows.ts";
import { Damage } from "./damage.ts";
import { findClient, foldAnswers, forgetReported } from "./fold-answers.ts";
import type { ClientRecord, JournalEntry, JournalMeta } from "./journal-entry.ts";
import { JournalLog, type PreparedWrite } from "./journal-log.ts";
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

/** However few the commits, the parts are due as soon as a wake would have to replay so many bytes. */
const MOST_BYTES = 512 * 1024;

/**
 * The durable side of one instance: its commits, its clients' answers and its state as of the
 * checkpoint, in one SQLite database. A call that throws has stored nothing, and the journal is as
 * it was before the call.
 *
 * ```ts
 * const journal = Journal.open(sql, { limits, now, epoch });
 * const stored = journal.restore();
 * journal.write({ meta, mark, commits, finished, state });
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
  #partition: Partition | undefined;
  #version = 0;
  #mark = "";
  #commitsSince = 0;
  #bytesSince = 0;
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
      for (const { patches } of entry.commits) this.#partition?.mark(patches);
      this.#commitsSince += entry.commits.length;
      this.#bytesSince += prepared.bytes;
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

  /** Whether `checkpoint` has something to do; cheap enough to ask after every write. */
  checkpointDue(): boolean {
    if (!this.#partition) return false;
    return (
      this.#partsDue() || this.#log.upkeepDue || this.#reported.size >= this.#limits.reportedClients
    );
  }

  /**
   * Does what is due: writes the parts of the state that have changed, and makes room in the
   * journal. The work that the commits have saved, so that a wake is short and storage bounded.
   *
   * @param state the state at `version`; read now, never kept
   * @throws HoldfastError `STORAGE_FAILED`: nothing is stored; it is still due
   */
  checkpoint(state: Value): void {
    const partition = this.#partition;
    const meta = this.#meta;
    if (!partition || !meta) return;
    const now = this.#time();
    const foldUpTo = this.#log.foldDue();
    const { next, settled } = storing("A checkpoint", () =>
      this.#sql.transaction(() => {
        let next = meta;
        const settled: (() => void)[] = [];
        if (this.#partsDue()) {
          const parts = partition.write(state, meta.round + 1);
          settled.push(parts.settle);
          next = {
            ...next,
            version: this.#version,
            mark: this.#mark,
            round: meta.round + 1,
            root: parts.root,
          };
        }
        if (foldUpTo !== undefined) {
          settled.push(foldAnswers(this.#log, this.#clients, foldUpTo, now));
          next = { ...next, folded: foldUpTo };
        }
        forgetReported(this.#clients, this.#reported.values(), now);
        settled.push(this.#log.emptyIdle());
        if (next !== meta) writeMeta(this.#sql, next);
        return { next, settled };
      }),
    );
    if (next.round !== meta.round) {
      this.#commitsSince = 0;
      this.#bytesSince = 0;
    }
    this.#meta = next;
    this.#reported.clear();
    for (const settle of settled) settle();
    this.#log.release(next.version);
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
      partition.mark(patches),
    );
    const above = this.#log.above(meta.version);
    this.#commitsSince = this.#version - meta.version;
    this.#bytesSince = above.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#partition = partition;
    return restored;
  }

  #begin(entry: JournalEntry, prepared: PreparedWrite): void {
    const partition = new Partition(this.#sql, this.#limits);
    const { meta, parts } = this.#sql.transaction(() => {
      createTables(this.#sql);
      this.#log.put(prepared);
      const parts = partition.write(entry.state, 1);
      const meta: MetaRow = {
        ...entry.meta,
        epoch: this.#newEpoch,
        version: entry.commits.length,
        mark: entry.commits.length > 0 ? entry.mark : "",
        round: 1,
        root: parts.root,
        folded: 0,
        failure: null,
      };
      writeMeta(this.#sql, meta);
      return { meta, parts };
    });
    parts.settle();
    this.#meta = meta;
    this.#partition = partition;
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
    if (this.#meta && !this.#partition)
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

  #partsDue(): boolean {
    const parts = this.#partition?.dirty ?? 0;
    if (this.#bytesSince >= MOST_BYTES) return parts > 0;
    const { checkpointCommits, checkpointCommitsPerPart } = this.#limits;
    return this.#commitsSince >= Math.max(checkpointCommits, parts * checkpointCommitsPerPart);
  }

  #time(): number {
    return Math.floor(this.#now());
  }
}

function internal(problem: string): HoldfastError {
  return new HoldfastError("INTERNAL", `${problem} This is a bug of Holdfast; nothing was stored.`);
}
