import type { HoldfastError } from "@holdfast/protocol";
import { metaOf } from "../node.ts";
import type { StateNode } from "../node.ts";
import type { Commits } from "./commits.ts";
import { removedByOthers, sameRead, staleRead } from "./conflict.ts";
import type { NodeReads, ReadLog } from "./read-log.ts";
import type { Standing } from "./standing.ts";
import { valueAt } from "./value-at.ts";

interface Reads {
  readonly reads: ReadLog;
  readonly commits: Commits;
  readonly standing: Standing;
  readonly since: number;
}

/**
 * What was read and is no longer as it was: asked in serializable mode, of the committed state, with
 * the handler's own writes taken out.
 */
export function staleReadProblem(known: Reads): HoldfastError | undefined {
  const { reads, commits, standing, since } = known;
  for (const [node, read] of reads.nodes) {
    const problem = standing.isRemoved(node)
      ? removedByOthers(node)
      : staleNode(commits, node, read);
    if (problem !== undefined) return problem;
  }
  const { copied } = reads;
  if (copied.size === 0) return undefined;
  for (const node of copied.keys()) if (standing.isRemoved(node)) return removedByOthers(node);
  for (const node of commits.nodesSince(since)) {
    const changed = commits.changeOf(node)?.last ?? 0;
    for (let at: StateNode | undefined = node; at !== undefined; at = metaOf(at)?.parent) {
      if (changed > (copied.get(at)?.first ?? changed)) return staleRead(node);
    }
  }
  return undefined;
}

function staleNode(
  commits: Commits,
  node: StateNode,
  { keys, items, places }: NodeReads,
): HoldfastError | undefined {
  const change = commits.changeOf(node);
  if (change !== undefined) {
    if (keys !== undefined && change.structure > keys.first) return staleRead(node);
    if (items !== undefined && change.last > items.first) return staleRead(node);
  }
  for (const [key, place] of places) {
    if (!place.isRead) continue;
    if (place.isTorn || !sameRead(place.first, valueAt(node, key))) return staleRead(node, key);
  }
  return undefined;
}
