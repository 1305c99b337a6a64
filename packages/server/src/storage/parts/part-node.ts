import type { Primitive } from "@holdfast/protocol";

/**
 * How the content of a container is written: `string` in slices of the string, `text` (any other
 * large atom) in slices of its encoded text.
 */
export const PART_KINDS = ["object", "array", "Map", "Set", "string", "text"] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** Consecutive content of one container: one part, one row. */
export interface Run {
  readonly id: number;
  /** Items, entries, members, or UTF-16 units. */
  count: number;
  /** Which keys or members, in order; `undefined` while the container has one run, with all of them. */
  keys: Primitive[] | undefined;
  /** Values with parts of their own: by position in the run, or by key. */
  children: Map<Primitive, PartNode> | undefined;
  /** It has changed since it was last written, or since the round under way took it. */
  dirty: boolean;
  /** The round under way has yet to take it. It has not changed since that round began. */
  pending: boolean;
  /** Where its row of the checkpoint that counts stands. */
  slot: number | undefined;
  /** UTF-16 units of that row's text, or as estimated. */
  size: number;
  /** The round that took it last; 0 where that was before the restart. */
  round: number;
  /** Its row of the round under way, which does not count yet. */
  fresh: { readonly slot: number; readonly size: number } | undefined;
  /** The state has it no longer. */
  gone: boolean;
}

/** A container that has rows of its own. */
export interface PartNode {
  readonly kind: PartKind;
  /** Never empty. The id of the first names the container and never changes. */
  readonly runs: Run[];
  /** Which run has a key; `undefined` until somebody asks, and while there is one run. */
  index: Map<Primitive, Run> | undefined;
  /** A run in it or below it is dirty or pending, or was taken by the round under way. */
  touched: boolean;
}

export function isKeyed(kind: PartKind): boolean {
  return kind === "object" || kind === "Map" || kind === "Set";
}

/** The run that holds `segment`, and what the run calls its place. */
export function findPlace(
  node: PartNode,
  segment: Primitive,
): { readonly run: Run; readonly local: Primitive } | undefined {
  if (isKeyed(node.kind)) {
    const run = node.runs.length > 1 ? indexOf(node).get(segment) : node.runs[0];
    return run && { run, local: segment };
  }
  if (node.kind !== "array" || typeof segment !== "number") return undefined;
  const place = findItem(node, segment);
  return place && place.local < place.run.count ? place : undefined;
}

function indexOf(node: PartNode): ReadonlyMap<Primitive, Run> {
  if (node.index) return node.index;
  const index = new Map<Primitive, Run>();
  for (const run of node.runs) for (const key of run.keys ?? []) index.set(key, run);
  node.index = index;
  return index;
}

/** The run where the item at `position` of an array stands; for the array's end, the last one. */
export function findItem(
  { runs }: PartNode,
  position: number,
): { readonly run: Run; readonly at: number; readonly local: number } | undefined {
  let local = position;
  for (let at = 0; at < runs.length; at++) {
    // True because `at` is below the length.
    const run = runs[at] as Run;
    if (local < run.count || (local === run.count && at === runs.length - 1)) {
      return { run, at, local };
    }
    local -= run.count;
  }
  return undefined;
}

/** Moves children of an array's run by `by` positions, from position `from` on. */
export function shiftChildren(run: Run, from: number, by: number): void {
  if (!run.children) return;
  const shifted = new Map<Primitive, PartNode>();
  for (const [local, child] of run.children) {
    // True because the children of arrays are found by position.
    const position = local as number;
    shifted.set(position < from ? position : position + by, child);
  }
  run.children = shifted;
}
