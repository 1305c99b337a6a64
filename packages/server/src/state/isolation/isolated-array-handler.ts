import { ABSENT } from "../node.ts";
import type { ArrayNode } from "../node.ts";
import { ArrayHandler } from "../proxy/array-handler.ts";
import { ARRAY_MUTATORS } from "../proxy/array-mutators.ts";
import { ARRAY_READERS } from "../proxy/array-readers.ts";
import type { TrackedArray } from "../proxy/tracked-array.ts";
import { TARGET } from "../tracked.ts";
import type { IsolatedScope } from "./isolated-scope.ts";
import { isolatedScopeOf } from "./isolated-scope.ts";

/** Arrays, with every read remembered and no write left out. */
export class IsolatedArrayHandler extends ArrayHandler {
  readonly #scope: IsolatedScope;

  constructor(scope: IsolatedScope) {
    super(scope);
    this.#scope = scope;
  }

  override get(node: ArrayNode, key: string | symbol): unknown {
    const value = super.get(node, key);
    if (MUTATORS.has(key)) return MUTATORS.get(key);
    this.#read(node, key);
    return value;
  }

  override has(node: ArrayNode, key: string | symbol): boolean {
    const isThere = super.has(node, key);
    this.#scope.reads.keys(node);
    return isThere;
  }

  override ownKeys(node: ArrayNode): (string | symbol)[] {
    const keys = super.ownKeys(node);
    this.#scope.reads.keys(node);
    return keys;
  }

  override getOwnPropertyDescriptor(
    node: ArrayNode,
    key: string | symbol,
  ): PropertyDescriptor | undefined {
    const descriptor = super.getOwnPropertyDescriptor(node, key);
    this.#read(node, key);
    return descriptor;
  }

  override set(node: ArrayNode, key: string | symbol, value: unknown): boolean {
    this.#scope.assertActive();
    const { log } = this.#scope;
    const before = log.runs;
    const result = super.set(node, key, value);
    if (log.runs > before) return result;
    if (key === "length") this.#scope.touchAll(node);
    else this.#scope.touch(node, Number(key));
    return result;
  }

  #read(node: ArrayNode, key: string | symbol): void {
    const { reads } = this.#scope;
    if (key === "length") reads.keys(node);
    else if (READERS.has(key)) reads.items(node);
    else if (DEEP_READERS.has(key)) this.#scope.copied(node);
    else if (typeof key === "string" && String(Math.trunc(Number(key))) === key) {
      const index = Number(key);
      // What stands where after own changes is found out by nobody else.
      if (this.#scope.hasRestructured(node)) reads.items(node);
      else reads.place(node, index, index in node ? node[index] : ABSENT);
    }
  }
}

/** Their texts are made of all that the items hold. */
const DEEP_READERS: ReadonlySet<unknown> = new Set(["join", "toString", "toLocaleString"]);

const READERS: ReadonlySet<unknown> = new Set<unknown>([
  ...Object.keys(ARRAY_READERS).filter((name) => !DEEP_READERS.has(name)),
  Symbol.iterator,
]);

type Mutator = (this: TrackedArray, ...args: unknown[]) => unknown;

/** The methods that change an array. Those that find nothing to change have looked at it. */
const MUTATORS: ReadonlyMap<unknown, Mutator> = new Map(
  Object.entries(ARRAY_MUTATORS).map(([name, mutate]) => [
    name,
    isolated(name, mutate as unknown as Mutator),
  ]),
);

function isolated(name: string, mutate: Mutator): Mutator {
  return function (this: TrackedArray, ...args: unknown[]): unknown {
    const scope = isolatedScopeOf(this);
    const node = this[TARGET];
    const { log } = scope;
    // What that writes is no change of the array.
    if (name === "sort") scope.settle();
    const before = log.runs;
    // The order of items without a comparator is that of their texts.
    // Only `push` is relative to the end: what is put before an empty array is before what others
    // put there. What was read of it earlier stays what the handler knows.
    if (name !== "push" && scope.reads.of(node)?.firstAt === undefined) scope.reads.keys(node);
    const result = mutate.apply(this, args);
    if (name === "push") scope.reads.pushed(node);
    else if (log.runs === before) scope.touchAll(node);
    return result;
  };
}
