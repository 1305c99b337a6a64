import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { Applied } from "./applied.ts";
import { AsyncTransaction } from "./async-transaction.ts";
import { Pieces } from "./derive/array-gaps.ts";
import { Derivation } from "./derive/derive-patches.ts";
import { Intake } from "./intake.ts";
import { EntryIterator } from "./isolation/entry-iterator.ts";
import { OwnArrays } from "./isolation/own-arrays.ts";
import { Replay } from "./isolation/replay.ts";
import type { MapNode, ObjectNode } from "./node.ts";
import { Collector } from "./proxy/array-readers.ts";
import { ItemIterator } from "./proxy/item-iterator.ts";
import { TARGET } from "./tracked.ts";
import type { TrackedArray } from "./proxy/tracked-array.ts";
import { WrappingIterator } from "./proxy/wrapping-iterator.ts";
import { Relocation } from "./relocation.ts";
import { Transaction } from "./transaction.ts";

/**
 * One instance of all that an action makes and leaves behind, kept for good. Between two actions
 * there is none: then a major garbage collection forgets the shape of these classes (V8 calls it
 * their map), and throws away all optimised code that knows it. The next actions would be run by the
 * interpreter, many times slower, until the code is optimised anew.
 */
const kept: object[] = [];

/** Called when there is optimised code to lose: before that it would only cost the wake its time. */
export function keepShapes(): void {
  if (kept.length > 0) return;
  kept.push(keptSynchronous(), keptAsynchronous());
}

/** What the state is of that these are made for. */
interface Sample {
  field: number;
  items: unknown[];
  map: Map<string, number>;
  set: Set<string>;
  date: Date;
  other?: unknown;
}

function sample(): ObjectNode {
  return {
    field: 0,
    items: [2, 1, { n: 0 }],
    map: new Map([["key", 0]]),
    set: new Set(["member"]),
    date: new Date(0),
  };
}

function keptSynchronous(): object {
  const root = sample();
  const transaction = new Transaction(root, {
    applied: new Applied(root),
    limits: DEFAULT_LIMITS,
    keepsIdle: false,
  });
  // True because that is what the root holds.
  const state = transaction.state as Sample;
  writeEverywhere(state);
  return [
    transaction,
    new Derivation(transaction.log.writes, [], DEFAULT_LIMITS),
    new Pieces(1),
    new Intake(transaction, root),
    new Relocation(transaction, root, () => []),
    // True because the tracked array of a transaction is one.
    new Collector(state.items as unknown as TrackedArray, () => true, undefined),
    new ItemIterator(transaction, []),
    new WrappingIterator(transaction, [].values(), (item) => item),
  ];
}

/** With what another one has committed meanwhile. */
function keptAsynchronous(): object {
  const root = sample();
  const applied = new Applied(root);
  const parts = {
    applied,
    limits: DEFAULT_LIMITS,
    options: { serializable: false, onFirstWrite: () => undefined },
  };
  const [kept, other] = [new AsyncTransaction(root, parts), new AsyncTransaction(root, parts)];
  // True because that is what the root holds.
  const state = other.state as Sample;
  state.field = 1;
  state.items.push(0);
  state.other = state.items[2];
  state.items = [];
  other.publish();
  other.end();
  // True as above.
  const own = kept.state as Sample;
  writeEverywhere(own);
  own.field = Number(own.field);
  own.items.push();
  const { [TARGET]: map } = own.map as Map<string, number> & { readonly [TARGET]: MapNode };
  const known = {
    reads: kept.reads,
    arrays: new OwnArrays(),
    commits: applied.commits,
    pastsOf: () => [],
  };
  return [kept, new EntryIterator(kept, map, (key) => key), new Replay(known, 0)];
}

function writeEverywhere(state: Sample): void {
  state.field++;
  state.items.push(3, { n: 1 });
  state.items.reverse();
  state.other = state.items.shift();
  state.map.delete("key");
  state.map.set("key", 1);
  state.set.clear();
  void state.date;
}
