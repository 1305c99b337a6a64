import type { FreeSlot } from "./slot-pool.ts";

/** A durable write whose row may not be written over yet. */
export interface StoredEntry {
  readonly write: number;
  /** The versions of its commits; `first` is `last + 1` when there are none. */
  readonly first: number;
  readonly last: number;
  readonly mark: string;
  readonly time: number;
  /** What its commits occupy. */
  readonly bytes: number;
  /** Its commits are messages of the wire protocol at hand, which may be sent as they are. */
  readonly sendable: boolean;
  /** Where it stands: one slot, more only above the row limit. */
  readonly slots: readonly FreeSlot[];
  /** Answers in it that no client has reported and no row of `clients` has taken over. */
  open: number;
  /** Kept for its answers only: its commits, if any, are out of use. */
  pinned: boolean;
}

export function hasCommits({ first, last }: Pick<StoredEntry, "first" | "last">): boolean {
  return first <= last;
}
