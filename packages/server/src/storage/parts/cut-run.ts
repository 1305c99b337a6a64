import type { Primitive, Value } from "@holdfast/protocol";
import { contentOf, countOf, keysOf, partKindOf, valueAt } from "./part-content.ts";
import { isKeyed } from "./part-node.ts";
import type { PartNode, Run } from "./part-node.ts";
import type { PartTree } from "./part-tree.ts";
import { weigh } from "./weigh.ts";

/** What a child with parts of its own takes in the part around it. */
const CHILD_WEIGHT = 16;

/** The tree of a value that has none yet; pending, all of it. */
export function buildNode(tree: PartTree, value: Value, aim: number): PartNode {
  const kind = partKindOf(value);
  if (!kind) throw new Error("A plain value cannot have parts of its own.");
  const content = contentOf(kind, value);
  const node = tree.newNode(kind, countOf(kind, content));
  cutRun(tree, { node, at: 0, content, start: 0, aim });
  return node;
}

/** One run of a container whose content is at hand. */
export interface RunPlace {
  readonly node: PartNode;
  /** Which of the container's runs. */
  readonly at: number;
  readonly content: Value;
  /** Where the run begins in an array, string or text. */
  readonly start: number;
  /** How many characters a part should have. */
  readonly aim: number;
}

/**
 * Cuts a run that is being written by the weight of what it holds, and gives large values parts of
 * their own. What comes off it is pending.
 */
export function cutRun(tree: PartTree, place: RunPlace): void {
  const { node, at, content, aim } = place;
  // True because every caller names a run of the node.
  const run = node.runs[at] as Run;
  if (node.kind === "string" || node.kind === "text") {
    divide(tree, place, evenly(run.count, aim));
    return;
  }
  const keys = isKeyed(node.kind) ? (run.keys ?? keysOf(node.kind, content)) : undefined;
  const counts: number[] = [];
  let count = 0;
  let weight = 0;
  for (let local = 0; local < run.count; local++) {
    const itemWeight = weighItem(tree, run, place, keys ? keys[local] : local);
    if (count > 0 && weight + itemWeight > aim) {
      counts.push(count);
      count = 0;
      weight = 0;
    }
    count++;
    weight += itemWeight;
  }
  counts.push(count);
  divide(tree, place, counts);
}

/**
 * Cuts a run whose text is too large although its weight is not (characters that take several
 * bytes). False when it cannot be cut: a single key that is too large.
 */
export function halveRun(tree: PartTree, place: RunPlace): boolean {
  const { node, at, content, start, aim } = place;
  // True because every caller names a run of the node.
  const run = node.runs[at] as Run;
  if (run.count > 1) {
    divide(tree, place, evenly(run.count, Math.ceil(run.count / 2)));
    return true;
  }
  if (node.kind === "string" || node.kind === "text" || node.kind === "Set") return false;
  const local = node.kind === "array" ? 0 : (run.keys ?? keysOf(node.kind, content))[0];
  if (run.children?.has(local)) return false;
  const child = valueAt(node.kind, content, start, local);
  if (!partKindOf(child)) return false;
  setChild(run, local, buildNode(tree, child, aim));
  return true;
}

/** Takes the run behind into this one. */
export function absorbNext(tree: PartTree, node: PartNode, at: number): void {
  // True because the caller has looked at both.
  const run = node.runs[at] as Run;
  const next = node.runs[at + 1] as Run;
  for (const [local, child] of next.children ?? []) {
    setChild(run, node.kind === "array" ? run.count + (local as number) : local, child);
  }
  run.count += next.count;
  run.size += next.size;
  for (const key of next.keys ?? []) {
    run.keys?.push(key);
    node.index?.set(key, run);
  }
  node.runs.splice(at + 1, 1);
  tree.absorbed(next);
  if (node.runs.length === 1) {
    run.keys = undefined;
    node.index = undefined;
  }
}

function weighItem(
  tree: PartTree,
  run: Run,
  { node, content, start, aim }: RunPlace,
  local: Primitive,
): number {
  const keyWeight = node.kind === "array" ? 0 : weigh(local, aim);
  if (node.kind === "Set" || run.children?.has(local)) return keyWeight + CHILD_WEIGHT;
  const item = valueAt(node.kind, content, start, local);
  const weight = weigh(item, aim);
  if (weight <= aim || !partKindOf(item)) return keyWeight + weight;
  setChild(run, local, buildNode(tree, item, aim));
  return keyWeight + CHILD_WEIGHT;
}

/** Divides a run into runs of `counts`; the first keeps its id. */
function divide(
  tree: PartTree,
  { node, at, content, aim }: RunPlace,
  counts: readonly number[],
): void {
  if (counts.length < 2) return;
  // True because every caller names a run of the node.
  const run = node.runs[at] as Run;
  const keys = isKeyed(node.kind) ? (run.keys ?? keysOf(node.kind, content)) : undefined;
  const children = run.children;
  run.children = undefined;
  const runs: Run[] = [];
  let from = 0;
  for (const [index, count] of counts.entries()) {
    const own = keys?.slice(from, from + count);
    const piece = index === 0 ? run : tree.newRun({ count, keys: own });
    piece.count = count;
    piece.keys = own;
    // Only a guess until it is written; what its neighbour asks is whether it is small.
    piece.size = aim;
    for (const key of own ?? []) {
      node.index?.set(key, piece);
      const child = children?.get(key);
      if (child) setChild(piece, key, child);
    }
    runs.push(piece);
    from += count;
  }
  if (!keys) moveChildren(runs, children);
  node.runs.splice(at, 1, ...runs);
}

function moveChildren(
  runs: readonly Run[],
  children: ReadonlyMap<Primitive, PartNode> | undefined,
): void {
  for (const [local, child] of children ?? []) {
    let position = local as number;
    for (const run of runs) {
      if (position < run.count) {
        setChild(run, position, child);
        break;
      }
      position -= run.count;
    }
  }
}

function evenly(count: number, size: number): number[] {
  const counts: number[] = [];
  for (let left = count; left > 0; left -= size) counts.push(Math.min(left, size));
  return counts;
}

function setChild(run: Run, local: Primitive, child: PartNode): void {
  run.children ??= new Map();
  run.children.set(local, child);
}
