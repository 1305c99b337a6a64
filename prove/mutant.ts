import type { Edit } from "./plant.ts";

/** A bug that turns one guarantee false, as an edit of the sources. */
export interface Mutant {
  readonly name: string;
  /** Which of the proofs has to find it. */
  readonly hunter: Hunter;
  readonly edits: readonly Edit[];
}

export type Hunter =
  /** A small program with a crash or failure at each of its durable steps. */
  | "crashes"
  /** Hostile frames, in process. */
  | "frames"
  /** Histories of asynchronous handlers on one tree. */
  | "isolation"
  /** A write-ahead log, cut at random bytes. */
  | "wal"
  /** Histories of the deterministic world. */
  | "world"
  /** Histories of logins, with canaries in all that is written. */
  | "leaks"
  /** `workerd`, killed in the middle. */
  | "kill";
