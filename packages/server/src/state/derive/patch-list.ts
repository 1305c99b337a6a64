import type { Patch, Path, Primitive, Value } from "@holdfast/protocol";
import type { Absent } from "../node.ts";
import { placePatch } from "./place-patch.ts";
import { sizeOf, sizeOfSegment } from "./size-of.ts";

/** Brackets, quotes and commas around the parts of one encoded patch. */
const PATCH = 10;

/** Where a list stood, to cut off what came after. */
export interface Mark {
  readonly count: number;
  readonly cost: number;
}

/** Patches cut out of a list, with what they cost. */
export interface Draft {
  readonly patches: readonly Patch[];
  readonly cost: number;
}

/** Collects patches at a place that moves through the tree, and knows about what they will cost. */
export class PatchList {
  readonly patches: Patch[] = [];
  readonly #path: Primitive[];
  #pathCost: number;
  #cost = 0;

  constructor(path: Path) {
    this.#path = [...path];
    this.#pathCost = path.reduce<number>((total, segment) => total + sizeOfSegment(segment), 0);
  }

  get depth(): number {
    return this.#path.length;
  }

  /** Runs `visit` with the place one segment further down. */
  within(segment: Primitive, visit: () => void): void {
    const cost = sizeOfSegment(segment);
    this.#path.push(segment);
    this.#pathCost += cost;
    visit();
    this.#pathCost -= cost;
    this.#path.pop();
  }

  add(value: Value): void {
    this.#push({ op: "add", path: [...this.#path], value }, sizeOf(value));
  }

  replace(value: Value): void {
    this.#push({ op: "replace", path: [...this.#path], value }, sizeOf(value));
  }

  remove(): void {
    this.#push({ op: "remove", path: [...this.#path] }, 0);
  }

  /** What became of the place as a whole, if anything. */
  change(before: Value | Absent, after: Value | Absent): void {
    const patch = placePatch([...this.#path], before, after);
    if (patch !== undefined) this.#push(patch, "value" in patch ? sizeOf(patch.value) : 0);
  }

  splice(index: number, remove: number, value: readonly Value[]): void {
    const cost = sizeOf(index) + sizeOf(remove) + sizeOf(value);
    this.#push({ op: "splice", path: [...this.#path], index, remove, value }, cost);
  }

  order(permutation: readonly number[]): void {
    this.#push({ op: "order", path: [...this.#path], permutation }, sizeOf(permutation));
  }

  members(remove: readonly Primitive[], value: readonly Primitive[]): void {
    const cost = sizeOf(remove) + sizeOf(value);
    this.#push({ op: "members", path: [...this.#path], remove, value }, cost);
  }

  mark(): Mark {
    return { count: this.patches.length, cost: this.#cost };
  }

  costSince(mark: Mark): number {
    return this.#cost - mark.cost;
  }

  /** What a `replace` at the place would cost; not counted further than `cap`. */
  costOfReplace(value: Value, cap: number): number {
    return PATCH + "replace".length + this.#pathCost + sizeOf(value, cap);
  }

  cut(mark: Mark): Draft {
    const draft = { patches: this.patches.splice(mark.count), cost: this.costSince(mark) };
    this.#cost = mark.cost;
    return draft;
  }

  paste(draft: Draft): void {
    for (const patch of draft.patches) this.patches.push(patch);
    this.#cost += draft.cost;
  }

  #push(patch: Patch, cost: number): void {
    this.patches.push(patch);
    this.#cost += PATCH + patch.op.length + this.#pathCost + cost;
  }
}
