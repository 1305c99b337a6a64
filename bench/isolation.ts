// The tracker is no public API, and these figures are of the tracker alone.
// oxlint-disable-next-line no-restricted-imports
import { StateTree } from "../packages/server/src/state/index.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { median } from "./statistics.ts";
import { interleave, repeat } from "./tracker.ts";
import type { Subject, Times } from "./tracker.ts";

const WRITES = 1_000;
const MANY = 100_000;
const HANDLERS = 10;

interface State {
  count: number;
  cells: Record<string, number>;
  rest: { id: number }[];
}

/** What asynchronous actions cost on the tree, and what they cost synchronous ones. */
export async function isolation(options: BenchOptions): Promise<Figure[]> {
  const times = interleave(options, {
    "synchronous increment": increments((tree) => tree.begin()),
    "asynchronous increment": increments((tree) => handler(tree)),
    "switch, state of 10": switches(10),
    "switch, state of 100,000": switches(MANY),
    "action alone": actions(0),
    "action among handlers": actions(HANDLERS),
  });
  options.progress("measured");
  return [
    figure(
      "increment inside an action: asynchronous",
      times,
      "asynchronous increment",
      "synchronous increment",
    ),
    figure(
      "taking a write out and making it again, state of 100,000 items",
      times,
      "switch, state of 100,000",
      "switch, state of 10",
    ),
    figure(
      `a whole synchronous action beside ${HANDLERS} handlers that await`,
      times,
      "action among handlers",
      "action alone",
    ),
  ];
}

function increments(begin: (tree: StateTree) => { state: object; end(): void }): Subject {
  const tree = plant(10);
  return {
    calls: 20_000,
    run(calls) {
      const transaction = begin(tree);
      const state = transaction.state as State;
      for (let n = 0; n < calls; n++) state.count++;
      transaction.end();
    },
  };
}

/** One call is one write that is undone and redone: two handlers take turns in touching the tree. */
function switches(size: number): Subject {
  const tree = plant(size);
  const handlers = ["one", "two"].map((name) => {
    const transaction = handler(tree);
    const state = transaction.state as State;
    for (const key of keysOf(name)) state.cells[key] = 1;
    return state;
  });
  return {
    calls: 100 * WRITES,
    run(calls) {
      for (let n = 0; n < calls / WRITES; n++) void handlers[n % 2]?.count;
    },
  };
}

function actions(handlers: number): Subject {
  const tree = plant(10);
  for (let n = 0; n < handlers; n++) {
    const state = handler(tree).state as State;
    void state.count;
    state.cells[`of ${n}`] = n;
  }
  return repeat(2_000, () => {
    const transaction = tree.begin();
    (transaction.state as State).count++;
    transaction.derive();
    transaction.end();
  });
}

function keysOf(name: string): string[] {
  return Array.from({ length: WRITES }, (_, n) => `${name} ${n}`);
}

function handler(tree: StateTree): ReturnType<StateTree["beginAsync"]> {
  return tree.beginAsync({ serializable: false, onFirstWrite: () => undefined });
}

function plant(size: number): StateTree {
  const rest = Array.from({ length: size }, (_, id) => ({ id }));
  const cells = Object.fromEntries(
    ["one", "two"].flatMap((name) => keysOf(name).map((key) => [key, 0])),
  );
  return new StateTree({ count: 0, cells, rest });
}

function figure(name: string, times: Times, ours: string, reference: string): Figure {
  const [mine, theirs] = [median(times[ours] ?? []), median(times[reference] ?? [])];
  return {
    name,
    ours: mine,
    reference: theirs,
    referenceName: reference,
    ratio: mine / theirs,
    unit: "ns",
  };
}
