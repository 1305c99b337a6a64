import {
  type CommitMessage,
  decodeServerFrame,
  replayPatches,
  type Value,
} from "@holdfast/protocol";
import { Damage } from "./damage.ts";
import type { JournalLog } from "./journal-log.ts";

/** What was accepted under some limits is read whatever the limits are now. */
const NO_LIMITS = { depth: Infinity, pathSegments: Infinity };

/**
 * The state after the commits above `version`, each applied in place.
 *
 * @param state owned by the caller; half changed when this throws
 * @param onCommit told of each commit that was applied
 * @throws Damage when a row cannot be decoded or does not apply: it and all that follow
 */
export function replayLog(
  log: JournalLog,
  version: number,
  state: Value,
  onCommit: (commit: CommitMessage) => void,
): Value {
  const entries = log.above(version);
  let next = state;
  let reached = version;
  // Read outside the `try`: storage that fails is not damaged.
  for (const { entry, commits } of log.readCommits(entries)) {
    try {
      for (const commit of decodeCommits(commits)) {
        if (commit.version <= reached) continue;
        if (commit.version !== reached + 1) throw new Error(`Version ${reached + 1} is missing.`);
        next = replayPatches(next, commit.patches);
        reached = commit.version;
        onCommit(commit);
      }
      if (reached !== entry.last)
        throw new Error(`The row does not end with version ${entry.last}.`);
    } catch (cause) {
      const slots = entries
        .slice(entries.indexOf(entry))
        .flatMap((one) => one.slots.map(({ slot }) => slot));
      const problem = `the journal is damaged behind version ${entry.first - 1}.`;
      throw new Damage(problem, { table: "holdfast_journal", slots }, { cause });
    }
  }
  return next;
}

function decodeCommits(text: string): CommitMessage[] {
  return decodeServerFrame(`[${text}]`, NO_LIMITS).map((message) => {
    if (message.type !== "commit") throw new Error(`A ${message.type} stands among the commits.`);
    return message;
  });
}
