import type { Patch, Path, Primitive } from "@holdfast/protocol";
import { findPlace, isKeyed } from "./part-node.ts";
import type { PartNode, Run } from "./part-node.ts";

/**
 * The pending parts that `patches` may change or drop, by the tree as it is before all of them: more
 * than they do, never fewer. `undefined` when there are more than `most`.
 *
 * Where an array has been spliced, a later patch means another item by the same position; so each
 * position stands for all that it may have been, as far as the splices before it can have moved it.
 */
export function findTouched(
  root: PartNode,
  patches: Iterable<readonly Patch[]>,
  most: number,
): ReadonlySet<Run> | undefined {
  const search = new Search(most);
  for (const commit of patches) {
    for (const patch of commit) {
      search.look(root, patch);
      if (search.tooMany) return undefined;
    }
  }
  return search.found;
}

class Search {
  readonly found = new Set<Run>();
  tooMany = false;
  readonly #most: number;
  /** How far the items of an array may have moved. */
  readonly #moved = new Map<PartNode, number>();

  constructor(most: number) {
    this.#most = most;
  }

  look(root: PartNode, patch: Patch): void {
    const { path } = patch;
    const addressesPlace = patch.op === "add" || patch.op === "replace" || patch.op === "remove";
    if (addressesPlace && path.length === 0) this.#all(root);
    else this.#descend(root, { patch, path: addressesPlace ? path.slice(0, -1) : path, at: 0 });
  }

  #descend(
    node: PartNode,
    { patch, path, at }: { readonly patch: Patch; readonly path: Path; readonly at: number },
  ): void {
    if (this.tooMany) return;
    if (at === path.length) {
      this.#change(node, patch);
      return;
    }
    this.#eachPlace(node, { from: path[at], count: 1, orBetween: false }, (run, child) => {
      if (child) this.#descend(child, { patch, path, at: at + 1 });
      else this.#touch(run);
    });
  }

  #change(node: PartNode, patch: Patch): void {
    switch (patch.op) {
      case "add":
      case "replace":
      case "remove":
        this.#replace(node, patch.path.at(-1), 1);
        if (patch.op !== "replace") this.#move(node, 1);
        return;
      case "splice":
        this.#replace(node, patch.index, patch.remove);
        this.#move(node, patch.remove + patch.value.length);
        return;
      case "members":
        for (const member of patch.remove) this.#replace(node, member, 1);
        this.#touch(node.runs.at(-1));
        return;
      case "order":
        for (const run of node.runs) this.#touch(run);
        this.#move(node, Infinity);
        return;
      case "append":
        this.#touch(node.runs.at(-1));
    }
  }

  /** Something else stands there, or nothing. */
  #replace(node: PartNode, from: Primitive, count: number): void {
    this.#eachPlace(node, { from, count, orBetween: true }, (run, child) => {
      this.#touch(run);
      if (child) this.#all(child);
    });
    // A key that is new stands behind all others.
    if (isKeyed(node.kind)) this.#touch(node.runs.at(-1));
  }

  /**
   * The places that may be meant: runs, and children with parts of their own.
   *
   * @param orBetween also those that something put between two items may go to
   */
  #eachPlace(
    node: PartNode,
    { from, count, orBetween }: { from: Primitive; count: number; orBetween: boolean },
    visit: (run: Run, child: PartNode | undefined) => void,
  ): void {
    if (isKeyed(node.kind)) {
      const place = findPlace(node, from);
      // Not there yet: it was added by a patch before.
      if (!place) this.#touch(node.runs.at(-1));
      else visit(place.run, place.run.children?.get(place.local));
      return;
    }
    const moved = this.#moved.get(node) ?? 0;
    const low = Number(from) - moved;
    const high = Number(from) + count + moved;
    const isOnePlace = moved === 0 && count === 1;
    let start = 0;
    for (const run of node.runs) {
      const end = start + run.count;
      if (orBetween ? low <= end && start <= high : low < end && start < high) {
        const only = isOnePlace ? run.children?.get(low - start) : undefined;
        visit(run, only);
        for (const [local, child] of (!isOnePlace && run.children) || []) {
          const position = start + Number(local);
          if (position >= low && position < high) visit(run, child);
        }
      }
      start = end;
      if (this.tooMany) return;
    }
  }

  #move(node: PartNode, by: number): void {
    this.#moved.set(node, (this.#moved.get(node) ?? 0) + by);
  }

  #all(node: PartNode): void {
    for (const run of node.runs) {
      this.#touch(run);
      if (this.tooMany) return;
      for (const child of run.children?.values() ?? []) this.#all(child);
    }
  }

  #touch(run: Run | undefined): void {
    if (!run?.pending || this.tooMany) return;
    this.found.add(run);
    this.tooMany = this.found.size > this.#most;
  }
}
