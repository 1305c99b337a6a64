import { exceedsBytes, kindOf } from "@holdfast/protocol";
import type { Limits, Value } from "@holdfast/protocol";
import { absorbNext, buildNode, cutRun, halveRun } from "./cut-run.ts";
import type { RunPlace } from "./cut-run.ts";
import { contentOf, countOf, encodeRun, valueAt } from "./part-content.ts";
import type { PartNode, Run } from "./part-node.ts";
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

/** A part whose row is to be written. */
export interface PartToWrite {
  readonly node: PartNode;
  /** Which of the node's runs. */
  readonly at: number;
  readonly run: Run;
  readonly text: string;
}

/**
 * Hands over the parts that are not on disk as they are in `state`, one after another, so that only
 * one text is in memory at a time. Cuts what has grown too large. The parts stay dirty: whoever
 * stored them calls `tree.cleaned` and, at the end, `settleTree`.
 */
export function writeParts(
  tree: PartTree,
  state: Value,
  limits: Limits,
  write: (part: PartToWrite) => void,
): void {
  const aim = Math.floor(limits.partBytes / PARTS_IN_LARGEST);
  if (tree.root && !fits(tree.root, state)) tree.giveUp();
  tree.root ??= buildNode(tree, state, aim);
  visit(tree.root, state);

  function visit(node: PartNode, value: Value): void {
    const content = contentOf(node.kind, value);
    let start = 0;
    for (let at = 0; at < node.runs.length; at++) {
      // True because `at` is below the length.
      const run = node.runs[at] as Run;
      if (run.dirty)
        write({ node, at, run, text: fit(tree, { node, at, content, start, aim }, limits) });
      for (const [local, child] of run.children ?? []) {
        if (child.touched) visit(child, valueAt(node.kind, content, start, local));
      }
      start += run.count;
    }
  }
}

/** Everything that `writeParts` handed over is durable. */
export function settleTree(node: PartNode): void {
  node.touched = false;
  for (const run of node.runs) {
    for (const child of run.children?.values() ?? []) if (child.touched) settleTree(child);
  }
}

/** The text of a run, of the right size: the run is cut or takes in its neighbour as needed. */
function fit(tree: PartTree, place: RunPlace, limits: Limits): string {
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
      if (next && text.length + next.size <= aim) {
        absorbNext(tree, node, at);
        continue;
      }
    }
    return text;
  }
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
