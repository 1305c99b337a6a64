import type { Proof, Target } from "./report.ts";

export interface ProofEntry {
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
    n: 100_000,
    shortN: 2_000,
    load: async () => (await import("./patches.ts")).patches,
  },
  converge: {
    n: 10_000,
    shortN: 40,
    load: async () => (await import("./converge.ts")).converge,
  },
  isolation: {
    n: 20_000,
    shortN: 2_000,
    load: async () => (await import("./isolation.ts")).isolation,
  },
  leaks: { n: 10_000, shortN: 30, load: async () => (await import("./leaks.ts")).leaks },
  frames: { n: 100_000, shortN: 5_000, load: async () => (await import("./frames.ts")).frames },
  "slow-reader": {
    n: 192,
    shortN: 48,
    load: async () => (await import("./slow-reader.ts")).slowReader,
  },
  // As many for CI: of fewer, 5 % come together by mere chance.
  storm: { n: 1_000, shortN: 1_000, load: async () => (await import("./storm.ts")).storm },
  updates: {
    n: 1_000,
    shortN: 30,
    load: async () => (await import("./updates.ts")).updates,
  },
  kill: {
    n: 200,
    shortN: 5,
    load: async () => (await import("./kill.ts")).kill,
    targets: ["workerd", "node"],
  },
  hibernate: {
    n: 300,
    shortN: 20,
    load: async () => (await import("./hibernate.ts")).hibernate,
  },
  wal: { n: 2_000, shortN: 200, load: async () => (await import("./wal.ts")).wal },
  soak: { n: 1_000_000, shortN: 40_000, load: async () => (await import("./soak.ts")).soak },
  mutants: { n: 1, shortN: 1, load: async () => (await import("./mutants.ts")).mutants },
} as const satisfies Record<string, ProofEntry>;

export type ProofName = keyof typeof PROOFS;
