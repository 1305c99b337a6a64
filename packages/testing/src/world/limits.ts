import { DEFAULT_LIMITS, type Limits } from "@holdfast/protocol";
import type { Script } from "./step.ts";

/** The limits of a history. */
export function limitsOf({ limits }: Script): Limits {
  return { ...DEFAULT_LIMITS, ...OTHER[limits] };
}

const OTHER: Readonly<Record<Script["limits"], Partial<Limits>>> = {
  usual: {},
  /** So small that a short history meets every one of them. */
  tight: {
    frameInBytes: 2_048,
    frameOutBytes: 2_048,
    openSequences: 8,
    ratePerSecond: 10,
    rateBurst: 20,
    resumeVersions: 6,
    seenEveryBytes: 1_024,
    unseenBytes: 4_096,
    rowBytes: 4_096,
    partBytes: 512,
    checkpointCommits: 6,
    checkpointCommitsPerPart: 1,
    answerRows: 4,
    reportedClients: 2,
    unsavedAnswers: 3,
    waitingActions: 6,
  },
  /** Rows are soon of no use but for their answers, and those may be many. */
  "short memory": {
    resumeVersions: 4,
    partBytes: 512,
    checkpointCommits: 12,
    checkpointCommitsPerPart: 2,
    answerRows: 3,
    reportedClients: 1,
  },
};
