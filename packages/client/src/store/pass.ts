import type { CommitMessage, Patch, Value } from "@holdfast/protocol";

/** As a patch goes out. */
export interface PatchText {
  readonly name: string;
  /** The patches, encoded. */
  readonly payload: string;
  readonly base: number;
  readonly after: number;
  readonly bytes: number;
  at(seq: number, settled: number): string;
}

/** One run over all that is pending, from the confirmed state on. */
export interface Pass {
  /** Of the confirmed state. */
  readonly version: number;
  readonly confirmed: Value;
  /** What brought it there since the last run; `undefined`: a snapshot, so nobody knows. */
  readonly commits: readonly CommitMessage[] | undefined;
  /** Which of those were the patches of which client. */
  readonly makers: ReadonlyMap<number, string>;
  /** What is shown and may never come true, as pairs of before and after. */
  readonly predicted: (readonly [before: Value, after: Value])[];
  /** The outbox that the run is at. */
  client: string;
  /** The last patch of that outbox so far; 0: none. */
  after: number;
  /** Patches of that outbox were made again, so those behind them have to be. */
  isChanged: boolean;
}

/** What is kept of a patch when its recipe is gone. */
export interface StoredPatch {
  readonly base: number;
  readonly after: number;
  readonly patches: readonly Patch[];
}

export function newPass(
  version: number,
  confirmed: Value,
  commits: readonly CommitMessage[] | undefined,
  makers: ReadonlyMap<number, string> = new Map(),
): Pass {
  return {
    version,
    confirmed,
    commits,
    makers,
    predicted: [],
    client: "",
    after: 0,
    isChanged: false,
  };
}
