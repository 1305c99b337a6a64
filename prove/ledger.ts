/** What one client did, as the state remembers it. */
export interface LedgerEntry {
  /** The number of the last action that was applied. */
  last: number;
  /** How many were applied: equal to `last` unless one was lost or doubled. */
  count: number;
}

/** Written so that a lost, doubled or swapped action can be read off the state. */
export interface Ledger {
  /** By client; a Map, so that more than plain objects crosses disk and wire. */
  clients: Map<string, LedgerEntry>;
  /** Every action that did not follow its client's last one. */
  disorder: { client: string; n: number; last: number }[];
  /** The latest actions of all clients in the order of their application. */
  log: string[];
  /** Actions applied, ever: each acknowledged one was given a total of its own. */
  total: number;
  /** Large values, for commits beyond one storage row. */
  blobs: Record<string, string>;
  at: Date;
}
