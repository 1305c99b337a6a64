/** Where the engine runs that is looked at. */
export type Target = "workerd" | "node";

/** What `npm run prove -- <name>` was asked for. */
export interface ProofOptions {
  /** How often: kills, programs, frames. Each proof says what it counts. */
  readonly n: number;
  /** Everything random in a proof comes from here, so that a failure can be run again. */
  readonly seed: number;
  /** For proofs of what runs on several; others are of one kind. */
  readonly target?: Target;
  /** Run in a few seconds, for CI: `n` is already small, waits and warm-ups may be too. */
  readonly short: boolean;
  /** Progress for a person who is watching; never part of the report. */
  readonly progress: (line: string) => void;
}

/** What a proof found. It passed when there is no failure. */
export interface ProofReport {
  readonly name: string;
  readonly passed: boolean;
  /** Every figure that the proof claims anything about, ready to print. */
  readonly figures: Record<string, number | string>;
  /** One sentence per shortfall, with what is needed to see it again. */
  readonly failures: string[];
}

/** A proof lives in `prove/<name>.ts` and is exported there under its name. */
export type Proof = (options: ProofOptions) => Promise<ProofReport>;
