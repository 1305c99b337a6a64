import type { Answer, Patch, Value } from "@holdfast/protocol";

/** Whose history a database holds. */
export interface JournalMeta {
  readonly module: string;
  readonly key: string;
  /** The module's own number of its state's shape. */
  readonly schema: number;
}

/** A client's action that was finished by a durable write. */
export interface FinishedSequence {
  readonly principal: string;
  readonly client: string;
  readonly seq: number;
  /** All up to here is reported, as the client said with this action: its answers may be forgotten. */
  readonly settled: number;
  readonly answer: Answer;
  /** It was no action but patches of the client, and they made the version of the answer. */
  readonly isPatch?: true;
}

/** One version, as it is sent and stored. */
export interface JournalCommit {
  readonly version: number;
  /** The encoded commit message. */
  readonly text: string;
  readonly patches: readonly Patch[];
}

/** One durable write: everything in it becomes durable together, or nothing does. */
export interface JournalEntry {
  /** Stored with the first write, and whenever `schema` changes. */
  readonly meta: JournalMeta;
  /** The mark that each of the commits carries. */
  readonly mark: string;
  /** Versions that follow each other; none when only answers are stored. */
  readonly commits: readonly JournalCommit[];
  readonly finished: readonly FinishedSequence[];
  /** Gives the state after the commits: asked at once, by the first write of a history; never kept. */
  readonly state: () => Value;
}

/** What storage knows of one client. */
export interface ClientRecord {
  readonly principal: string;
  readonly client: string;
  readonly settled: number;
  /** Finished sequences above `settled`, ascending. */
  readonly answers: readonly (readonly [seq: number, answer: Answer])[];
}
