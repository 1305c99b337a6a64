import { decodeServerFrame, formatPath, utf8Length } from "@holdfast/protocol";
import type { Journal } from "../storage/journal.ts";

/** One commit, as an operator looks at it: what it has changed, and not to what. */
export interface CommitReport {
  readonly version: number;
  readonly bytes: number;
  readonly patches: readonly { readonly op: string; readonly at: string }[];
}

/** The latest commits that the journal still has, the newest first: at most so many. */
export function latestCommits(
  journal: Pick<Journal, "version" | "commitsAfter">,
  most: number,
): CommitReport[] {
  let texts: readonly string[] | undefined;
  // Outside the window it has none of them: less may be inside.
  for (let count = Math.min(most, journal.version); count > 0 && !texts; count >>= 1) {
    texts = journal.commitsAfter(journal.version - count);
  }
  return (texts ?? []).flatMap(reportOf).toReversed();
}

function reportOf(text: string): CommitReport[] {
  return decodeServerFrame(text).flatMap((message): CommitReport[] => {
    if (message.type !== "commit") return [];
    const { version, patches } = message;
    const changed = patches.map(({ op, path }) => ({ op, at: formatPath(path) }));
    return [{ version, bytes: utf8Length(text), patches: changed }];
  });
}
