import type { Limits, Value } from "@holdfast/protocol";
import type { JournalCommit } from "./journal-entry.ts";
import { partAim } from "./parts/take-parts.ts";
import type { Partition } from "./parts/partition.ts";

/** The parts are due as soon as a wake would have to replay so many bytes, */
const MOST_BYTES = 512 * 1024;
/** or one for so many of those parts, where that is more. */
const PART_BYTES_PER_BYTE = 4;

/** After a wake, nobody looks before so many bytes more. */
const BYTES_AFTER_WAKE = 64 * 1024;

/** A lull is not worth a clock before so many commits; those are replayed in no time. */
const LULL_COMMITS = 256;
/** In a lull, a round is worth its rows after so many for each of its parts. */
const LULL_COMMITS_PER_PART = 8;

/** A round that is put at once is so in pieces of so many characters, for the sake of memory. */
const PIECE = 1024 * 1024;

/** What a finished round changes in the meta row. */
export interface CountedRound {
  readonly version: number;
  readonly mark: string;
  readonly round: number;
  readonly root: number;
}

/** Of what a wake has to replay. */
interface Amount {
  readonly commits: number;
  readonly bytes: number;
}

/**
 * When the state is checkpointed, and how much of it at a time. A round begins at one version and
 * ends some commits later; with each write in between, a few parts are put, so that no action pays
 * for many. A round that a large change has overtaken is given up, and the next one is put at once;
 * so is the first one of an instance that slept, and lost its rounds, until too much was behind.
 */
export class Checkpoint {
  readonly #partition: Partition;
  readonly #limits: Limits;
  #commits: number;
  #bytes: number;
  /** No round can be due before that: nobody looks how many parts have changed. */
  #lookAt: Amount;
  /** Where the round under way began, and what was there to replay then. */
  #began: { version: number; mark: string; commits: number; bytes: number } | undefined;
  /** Bytes committed since parts were put last. */
  #unpaid = 0;
  #stepDue = false;
  #atOnce = false;
  /** Nobody waits: a good piece may be put now. */
  #isLull = false;

  /** @param behind what a wake would have to replay now */
  constructor(partition: Partition, limits: Limits, behind: Amount = { commits: 0, bytes: 0 }) {
    this.#partition = partition;
    this.#limits = limits;
    this.#commits = behind.commits;
    this.#bytes = behind.bytes;
    // Who has just woken up has something better to do, unless so much is behind that no look is needed:
    // then a round was due before, and it was lost because the instance slept before the round's end.
    const most = this.#dueAt(partition.used);
    this.#atOnce = this.#reaches(most);
    this.#lookAt = {
      commits: Math.min(most.commits, behind.commits + limits.checkpointCommitsPerPart),
      bytes: Math.min(most.bytes, behind.bytes + BYTES_AFTER_WAKE),
    };
  }

  /** Takes note of commits that are durable. */
  committed(commits: readonly JournalCommit[], bytes: number): void {
    for (const { patches } of commits) this.#partition.mark(patches);
    this.#commits += commits.length;
    this.#bytes += bytes;
    this.#unpaid += bytes;
    this.#stepDue = this.#began !== undefined;
  }

  /** Whether parts are to be put now: once for each write while a round is under way. */
  get due(): boolean {
    if (this.#isLull) return true;
    return this.#began ? this.#stepDue : this.#isRoundDue();
  }

  /** Whether a lull may be worth using; cheap enough to ask after every write. */
  get mayUseLull(): boolean {
    return this.#commits >= LULL_COMMITS;
  }

  /** A round has begun that is not at its end. */
  get isUnderWay(): boolean {
    return this.#began !== undefined;
  }

  /**
   * Does `work` while nobody waits: a good piece is due, of a round that would begin later otherwise,
   * too.
   */
  inLull(work: () => void): void {
    const { dirty } = this.#partition;
    const isWorthIt = dirty > 0 && this.#commits >= dirty * LULL_COMMITS_PER_PART;
    this.#isLull = this.isUnderWay || isWorthIt;
    try {
      work();
    } finally {
      this.#isLull = false;
    }
  }

  /** Whether `commits` change what the round under way has yet to take: then it has to be kept. */
  overtakes(commits: readonly JournalCommit[]): boolean {
    return this.#began !== undefined && this.#partition.overtakes(commits.map((c) => c.patches));
  }

  /** Keeps what `overtakes` has found, of the state before. */
  keep(before: Value): void {
    this.#partition.keep(before);
  }

  /** Takes what is to be put now, if that is due; in memory only. */
  take(state: Value, at: { readonly version: number; readonly mark: string }): void {
    if (!this.due) return;
    if (this.#began && this.#partition.spoiled) {
      this.#partition.abandon();
      this.#lookAt = this.#dueAt(0);
      this.#began = undefined;
      this.#atOnce = true;
      if (!this.#isRoundDue()) return;
    }
    if (!this.#began) {
      this.#partition.begin(state);
      this.#began = { ...at, commits: this.#commits, bytes: this.#bytes };
    }
    const budget = Math.max(1, this.#unpaid * this.#limits.checkpointPace);
    this.#partition.take(state, this.#atOnce || this.#isLull ? PIECE : budget);
  }

  /** Whether more is to be put at once than is held. */
  get hurries(): boolean {
    return this.#began !== undefined && this.#atOnce;
  }

  /** How many rows `put` will write. */
  get held(): number {
    return this.#partition.held;
  }

  /** What the meta row has to say once all that is held is put; `undefined` before the round's end. */
  get counted(): CountedRound | undefined {
    const { round, complete } = this.#partition;
    if (!this.#began || !round || !complete) return undefined;
    const { version, mark } = this.#began;
    return { version, mark, round: round.number, root: round.root };
  }

  /** Writes what is held. */
  put(): void {
    this.#partition.put();
    if (this.counted) this.#partition.deleteSurplus();
  }

  /** What was put is durable; with the meta row, if the round counts. */
  placed(): void {
    const { counted } = this;
    this.#partition.placed();
    this.#stepDue = false;
    this.#unpaid = 0;
    if (!counted) return;
    this.#partition.finish();
    this.#commits -= this.#began?.commits ?? 0;
    this.#bytes -= this.#began?.bytes ?? 0;
    this.#lookAt = this.#dueAt(0);
    this.#began = undefined;
    this.#atOnce = false;
  }

  #isRoundDue(): boolean {
    if (!this.#reaches(this.#lookAt)) return false;
    const { dirty } = this.#partition;
    // What has changed stays so until a round takes it, and there may only be more.
    this.#lookAt = this.#dueAt(dirty);
    return dirty > 0 && this.#reaches(this.#lookAt);
  }

  #reaches({ commits, bytes }: Amount): boolean {
    return this.#commits >= commits || this.#bytes >= bytes;
  }

  /** When a round is due that takes so many parts. */
  #dueAt(parts: number): Amount {
    const { checkpointCommits, checkpointCommitsPerPart } = this.#limits;
    return {
      commits: Math.max(checkpointCommits, parts * checkpointCommitsPerPart),
      bytes: Math.max(MOST_BYTES, (parts * partAim(this.#limits)) / PART_BYTES_PER_BYTE),
    };
  }
}
