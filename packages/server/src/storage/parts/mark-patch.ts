import type { OrderPatch, Patch, Path, Primitive } from "@holdfast/protocol";
import { findItem, findPlace, isKeyed, shiftChildren } from "./part-node.ts";
import type { PartNode, Run } from "./part-node.ts";
import type { PartTree } from "./part-tree.ts";

/**
 * Notes which parts a patch changed, and moves the boundaries between them along: costs what the
 * change costs, and looks at no value. After a patch that does not fit, the next checkpoint cuts the
 * state anew.
 */
export function markPatch(tree: PartTree, patch: Patch): void {
  if (!tree.root) return;
  if (patch.path.length === 0 && patch.op === "replace") {
    tree.reset();
    return;
  }
  const addressesPlace = patch.op === "add" || patch.op === "replace" || patch.op === "remove";
  const container = addressesPlace ? patch.path.slice(0, -1) : patch.path;
  const node = descend(tree, tree.root, container);
  if (node === "inside a part") return;
  if (!node || !markNode(tree, node, patch)) tree.giveUp();
}

/** The container at `path` if it has parts of its own; otherwise the part around it is dirty now. */
function descend(
  tree: PartTree,
  root: PartNode,
  path: Path,
): PartNode | "inside a part" | undefined {
  let node = root;
  node.touched = true;
  for (const segment of path) {
    const place = findPlace(node, segment);
    if (!place) return undefined;
    const child = place.run.children?.get(place.local);
    if (!child) {
      tree.soil(place.run);
      return "inside a part";
    }
    node = child;
    node.touched = true;
  }
  return node;
}

/** False when the patch does not fit. */
function markNode(tree: PartTree, node: PartNode, patch: Patch): boolean {
  switch (patch.op) {
    case "replace": {
      const place = findPlace(node, last(patch.path));
      if (!place) return false;
      tree.dropChild(place.run, place.local);
      tree.soil(place.run);
      return true;
    }
    case "add":
      if (node.kind === "array") return splice(tree, node, Number(last(patch.path)), 0, 1);
      return isKeyed(node.kind) && addKeys(tree, node, [last(patch.path)]);
    case "remove":
      if (node.kind === "array") return splice(tree, node, Number(last(patch.path)), 1, 0);
      return isKeyed(node.kind) && removeKey(tree, node, last(patch.path));
    case "splice":
      if (node.kind !== "array") return false;
      return splice(tree, node, patch.index, patch.remove, patch.value.length);
    case "members":
      if (node.kind !== "Set") return false;
      for (const member of patch.remove) if (!removeKey(tree, node, member)) return false;
      return addKeys(tree, node, patch.value);
    case "order":
      return node.kind === "array" ? orderItems(tree, node, patch) : orderKeys(tree, node, patch);
    case "append": {
      const run = node.runs.at(-1);
      if (node.kind !== "string" || !run) return false;
      run.count += patch.value.length;
      tree.soil(run);
      return true;
    }
  }
}

function splice(
  tree: PartTree,
  node: PartNode,
  index: number,
  remove: number,
  insert: number,
): boolean {
  const start = findItem(node, index);
  if (!start) return false;
  let { at, local } = start;
  for (let left = remove; left > 0; at++, local = 0) {
    const run = node.runs[at];
    if (!run) return false;
    const count = Math.min(left, run.count - local);
    left -= count;
    if (count === 0) continue;
    for (let position = local; position < local + count; position++) tree.dropChild(run, position);
    shiftChildren(run, local, -count);
    run.count -= count;
    tree.soil(run);
  }
  if (insert > 0) {
    shiftChildren(start.run, start.local, insert);
    start.run.count += insert;
    tree.soil(start.run);
  }
  return true;
}

/** New keys and members stand behind all others; where order is no state, that is as good as any place. */
function addKeys(tree: PartTree, node: PartNode, keys: readonly Primitive[]): boolean {
  const run = node.runs.at(-1);
  if (!run) return false;
  for (const key of keys) {
    run.keys?.push(key);
    node.index?.set(key, run);
  }
  run.count += keys.length;
  if (keys.length > 0) tree.soil(run);
  return true;
}

function removeKey(tree: PartTree, node: PartNode, key: Primitive): boolean {
  const run = findPlace(node, key)?.run;
  if (!run) return false;
  if (run.keys) {
    // NaN is a key like any other.
    const position = run.keys.findIndex((one) => one === key || (one !== one && key !== key));
    if (position < 0) return false;
    run.keys.splice(position, 1);
  }
  node.index?.delete(key);
  tree.dropChild(run, key);
  run.count--;
  tree.soil(run);
  return true;
}

function orderItems(tree: PartTree, { runs }: PartNode, { permutation }: OrderPatch): boolean {
  const children = new Map<number, PartNode>();
  let end = 0;
  for (const run of runs) {
    for (const [local, child] of run.children ?? []) children.set(end + Number(local), child);
    end += run.count;
  }
  if (end !== permutation.length) return false;
  eachMovedRun(runs, permutation, (run, start) => {
    run.children = undefined;
    for (let local = 0; local < run.count; local++) {
      const child = children.get(permutation[start + local] ?? -1);
      if (child) setChild(run, local, child);
    }
    tree.soil(run);
  });
  return true;
}

function orderKeys(tree: PartTree, node: PartNode, { permutation }: OrderPatch): boolean {
  const { runs, index } = node;
  if (!isKeyed(node.kind)) return false;
  const [only] = runs;
  if (runs.length === 1 && only) {
    tree.soil(only);
    return true;
  }
  const keys = runs.flatMap((run) => run.keys ?? []);
  const children = new Map(runs.flatMap((run) => [...(run.children ?? [])]));
  if (keys.length !== permutation.length) return false;
  eachMovedRun(runs, permutation, (run, start) => {
    run.keys = permutation.slice(start, start + run.count).map((place) => keys[place]);
    run.children = undefined;
    for (const key of run.keys) {
      index?.set(key, run);
      const child = children.get(key);
      if (child) setChild(run, key, child);
    }
    tree.soil(run);
  });
  return true;
}

/** The runs whose content a permutation changes, and where each begins. */
function eachMovedRun(
  runs: readonly Run[],
  permutation: readonly number[],
  visit: (run: Run, start: number) => void,
): void {
  let start = 0;
  for (const run of runs) {
    const end = start + run.count;
    for (let place = start; place < end; place++) {
      if (permutation[place] === place) continue;
      visit(run, start);
      break;
    }
    start = end;
  }
}

function setChild(run: Run, local: Primitive, child: PartNode): void {
  run.children ??= new Map();
  run.children.set(local, child);
}

function last(path: Path): Primitive {
  return path[path.length - 1];
}
