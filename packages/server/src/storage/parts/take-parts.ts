import { exceedsBytes, kindOf } from "@holdfast/protocol";
import type { Limits, Value } from "@holdfast/protocol";
import { absorbNext, buildNode, cutRun, halveRun } from "./cut-run.ts";
import type { RunPlace } from "./cut-run.ts";
import { contentOf, countOf, encodeRun, valueAt } from "./part-content.ts";
import type { PartNode, Run } from "./part-node.ts";
import { encodePartHead } from "./part-row.ts";
import type { PartTree } from "./part-tree.ts";

/**
 * Parts aim at a quarter of the largest: a change rewrites a part, so small ones are better; a wake
 * reads them all, so large ones are. One that outgrows twice the aim is cut into parts of that aim,
 * so that a list that grows rewrites only its end, and cuts it rarely.
 */
const PARTS_IN_LARGEST = 4;
const PART_MOST = 2;
/** Below this share of the aim, a part takes in the one behind it, and gives up rows of its own. */
const PART_LEAST = 1 / 4;

/** The row of a part, but for its slot. */
export interface PartText {
  readonly run: Run;
  readonly head: string;
  readonly text: string;
}

/** Characters that a part should have. */
export function partAim(limits: Limits): number {
  return Math.floor(limits.partBytes / PARTS_IN_LARGEST);
}

/** The tree has the shape of `state` from here on, and a root. */
export function fitTree(tree: PartTree, state: Value, limits: Limits): void {
  if (tree.root && !fits(tree.root, state)) tree.giveUp();
  tree.root ??= buildNode(tree, state, partAim(limits));
}

/**
 * Takes pending parts as `state` has them, one after another, until `take` says that it is enough.
 * Cuts what has grown too large. False when the tree does not fit the state.
 */
export function takeParts(
  tree: PartTree,
  state: Value,
  options: {
    readonly limits: Limits;
    readonly round: number;
    readonly wants: (run: Run) => boolean;
    /** @param absorbed parts that this one has taken over, as of the round */
    readonly take: (part: PartText, absorbed: readonly Run[]) => boolean;
  },
): boolean {
  const { limits, round, wants, take } = options;
  const aim = partAim(limits);
  if (!tree.root || !fits(tree.root, state)) return false;
  visit(tree.root, state);
  return true;

  /** False when that is enough. */
  function visit(node: PartNode, value: Value): boolean {
    const { kind, runs } = node;
    const content = kind === "text" && runs.some(wanted) ? contentOf(kind, value) : value;
    let start = 0;
    for (let at = 0; at < runs.length; at++) {
      // True because `at` is below the length.
      const run = runs[at] as Run;
      if (wanted(run)) {
        const dropped = tree.dropped.length;
        const text = fit(tree, { node, at, content, start, aim }, { limits, round });
        const absorbed = tree.dropped.splice(dropped);
        tree.taken(run);
        run.round = round;
        const part = { run, head: encodePartHead(node, at, round), text };
        // Encoding an atom again for each of its parts would cost more than writing all of them.
        if (!take(part, absorbed) && (kind !== "text" || !runs.some(wanted))) return false;
      }
      if (run.children) {
        for (const [local, child] of run.children) {
          if (child.touched && !visit(child, valueAt(kind, content, start, local))) return false;
        }
      }
      start += run.count;
    }
    return true;
  }

  function wanted(run: Run): boolean {
    return run.pending && wants(run);
  }
}

/** The text of a run, of the right size: the run is cut or takes in its neighbour as needed. */
function fit(
  tree: PartTree,
  place: RunPlace,
  { limits, round }: { readonly limits: Limits; readonly round: number },
): string {
  const { node, at, content, start, aim } = place;
  // True because the caller names a run of the node.
  const run = node.runs[at] as Run;
  for (const [local, child] of run.children ?? [])
    if (isSmall(child, aim)) tree.dropChild(run, local);
  let mayAbsorb = true;
  for (;;) {
    const text = encodeRun(node, run, content, start);
    if (text.length > aim * PART_MOST || exceedsBytes(text, limits.partBytes)) {
      mayAbsorb = false;
      const before = run.count;
      const children = run.children?.size ?? 0;
      cutRun(tree, place);
      if (run.count < before || (run.children?.size ?? 0) > children) continue;
      if (halveRun(tree, place)) continue;
    } else if (mayAbsorb && text.length < aim * PART_LEAST) {
      const next = node.runs[at + 1];
      if (next && isUnchanged(next, round) && text.length + next.size <= aim) {
        absorbNext(tree, node, at);
        continue;
      }
    }
    return text;
  }
}

/** Whether a run is as it was when the round under way began, and that round has not taken it. */
function isUnchanged(run: Run, round: number): boolean {
  return run.pending || (!run.dirty && run.round !== round);
}

/** A container that shrank: written with the one around it, now that that one is written anyway. */
function isSmall({ runs, touched }: PartNode, aim: number): boolean {
  const [only] = runs;
  return (
    runs.length === 1 && !touched && !only?.children?.size && (only?.size ?? aim) < aim * PART_LEAST
  );
}

/**
 * Whether the tree has the shape of the state, as far as that can be told without a walk. It always
 * has, unless patches and state disagree; then writing all parts anew is what keeps the data.
 */
function fits(node: PartNode, value: Value): boolean {
  if (!node.touched) return true;
  const { kind, runs } = node;
  if (kind === "text") return true;
  if (kindOf(value) !== kind) return false;
  // Counting the keys of an object costs a walk over all of them.
  if (kind !== "object" && runs.reduce((sum, run) => sum + run.count, 0) !== countOf(kind, value)) {
    return false;
  }
  let start = 0;
  for (const run of runs) {
    for (const [local, child] of run.children ?? []) {
      if (!fits(child, valueAt(kind, value, start, local))) return false;
    }
    start += run.count;
  }
  return true;
}
