import type { Proof, Target } from "./report.ts";

export interface ProofEntry {
  /** What it does, in a sentence for `docs/proofs.md`. */
  readonly what: string;
  /** What the proof was made for. */
  readonly n: number;
  /** What CI has time for. */
  readonly shortN: number;
  readonly load: () => Promise<Proof>;
  /** It is run on each of these, or on the one that `--target` names. */
  readonly targets?: readonly Target[];
}

/** Every proof by the name that it is called by. */
export const PROOFS = {
  patches: {
    what: "Random programs on tracked state (moves, aliases, splices, Maps, Sets, throws) beside a plain model: patches applied to a replica give the same value, and a rollback restores it, order included.",
    n: 100_000,
    shortN: 2_000,
    load: async () => (await import("./patches.ts")).patches,
  },
  converge: {
    what: "Histories of the deterministic world (drops, duplicates, kills at any statement, failed writes, evictions, restored backups, second tabs, old clients): at rest, everybody has what the server has, and each action counts once.",
    n: 10_000,
    shortN: 40,
    load: async () => (await import("./converge.ts")).converge,
  },
  isolation: {
    what: "Histories of asynchronous handlers beside a serial oracle: committed results and states are those of a serial run in the order of commits, and no unfinished write is ever seen.",
    n: 20_000,
    shortN: 2_000,
    load: async () => (await import("./isolation.ts")).isolation,
  },
  leaks: {
    what: "Histories of logins, account switches, logouts, offline actions, tabs and devices, with canaries in everybody's state: not a byte of one principal's on another's wire, row, cache, log or error.",
    n: 10_000,
    shortN: 30,
    load: async () => (await import("./leaks.ts")).leaks,
  },
  frames: {
    what: "Mutated and hostile frames: no crash, no state change, `Object.prototype` untouched.",
    n: 100_000,
    shortN: 5_000,
    load: async () => (await import("./frames.ts")).frames,
  },
  "slow-reader": {
    what: "One reader of fifty that does not read, while `n` MB go out: memory stays bounded, and it converges later.",
    n: 192,
    shortN: 48,
    load: async () => (await import("./slow-reader.ts")).slowReader,
  },
  streams: {
    what: "Random histories of streams in the deterministic world, with cuts, kills, failing disks, slow readers and views: each page shows the beginning of what was written, no less than before unless memory was lost, and at rest what is stored.",
    n: 10_000,
    shortN: 200,
    load: async () => (await import("./streams.ts")).streams,
  },
  rooms: {
    what: "Random histories of users with several pages in rooms, with objects and links that die and calls between objects that are late, lost or unanswered: events of users happen once, those of rooms arrive at most once, in one order and never before their commit, and who is in a room outlives everything.",
    n: 2_000,
    shortN: 30,
    load: async () => (await import("./rooms.ts")).rooms,
  },
  // As many for CI: of fewer, 5 % come together by mere chance.
  storm: {
    what: "`n` clients on one instance whose server is killed: reconnects are spread, and all of them are synced again.",
    n: 1_000,
    shortN: 1_000,
    load: async () => (await import("./storm.ts")).storm,
  },
  updates: {
    what: "Ten pages that increment by `update(recipe)`, `n` times each, with other edits between: nothing is lost.",
    n: 1_000,
    shortN: 30,
    load: async () => (await import("./updates.ts")).updates,
  },
  kill: {
    what: "Clients under load against a server on disk that is killed with SIGKILL at random moments: nothing acknowledged is lost, doubled or out of order.",
    n: 200,
    shortN: 5,
    load: async () => (await import("./kill.ts")).kill,
    targets: ["workerd", "node"],
  },
  hibernate: {
    what: "Scripts at the real object, evicted behind every step and never: the transcripts are equal.",
    n: 300,
    shortN: 20,
    load: async () => (await import("./hibernate.ts")).hibernate,
  },
  wal: {
    what: "A copied write-ahead log, cut at random bytes: it opens to a prefix of the history.",
    n: 2_000,
    shortN: 200,
    load: async () => (await import("./wal.ts")).wal,
  },
  soak: {
    what: "`n` actions with evictions between: memory and database stay bounded, and so do rows per action.",
    n: 1_000_000,
    shortN: 40_000,
    load: async () => (await import("./soak.ts")).soak,
  },
  mutants: {
    what: "Planted bugs: each turns one guarantee false, and a proof has to find it.",
    n: 1,
    shortN: 1,
    load: async () => (await import("./mutants.ts")).mutants,
  },
} as const satisfies Record<string, ProofEntry>;

export type ProofName = keyof typeof PROOFS;
