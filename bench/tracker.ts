import { parseArgs } from "node:util";
import { performance } from "node:perf_hooks";
import { encodeMessage, type Patch, type ValueObject } from "@holdfast/protocol";
import { enableMapSet, enablePatches, produceWithPatches } from "immer";
import { create as mutate } from "mutative";
// The tracker is no public API, and these figures are of the tracker alone.
// oxlint-disable-next-line no-restricted-imports
import { StateTree } from "../packages/server/src/state/index.ts";
import { atLeastTimes, atMost, atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { median } from "./statistics.ts";

const MANY = 100_000;
const SAMPLES_PER_ROUND = 7;

interface Item {
  id: number;
  title: string;
  done: boolean;
}

interface Counter {
  a: { b: { count: number }; other: Item };
}

/** The cost of tracked state by itself, beside plain objects, immer and mutative. */
export async function tracker(options: BenchOptions): Promise<Figure[]> {
  enablePatches();
  enableMapSet();
  const figures: Figure[] = [];
  const parts = { increments, pushes, splices, walks, maps, filters };
  for (const [name, part] of Object.entries(parts)) {
    figures.push(...part(options));
    options.progress(`${name}: measured`);
  }
  return figures;
}

function increments(options: BenchOptions): Figure[] {
  const state = (): Counter => ({ a: { b: { count: 0 }, other: item(1) } });
  const plain = state();
  const bare = proxied(state());
  const [inside, whole] = [new StateTree(valueOf(state())), new StateTree(valueOf(state()))];
  let [byImmer, byMutative] = [state(), state()];
  const times = interleave(options, {
    plain: repeat(20_000, () => plain.a.b.count++),
    "bare proxies": repeat(20_000, () => bare.a.b.count++),
    inside: {
      calls: 20_000,
      run(calls) {
        const transaction = inside.begin();
        const tracked = transaction.state as Counter;
        for (let n = 0; n < calls; n++) tracked.a.b.count++;
        transaction.end();
      },
    },
    whole: repeat(5_000, () => act(whole, (tracked) => (tracked as Counter).a.b.count++)),
    immer: repeat(500, () => {
      [byImmer] = produceWithPatches(byImmer, (draft) => void draft.a.b.count++);
    }),
    "immer, inside one recipe": {
      calls: 500,
      run(calls) {
        [byImmer] = produceWithPatches(byImmer, (draft) => {
          for (let n = 0; n < calls; n++) draft.a.b.count++;
        });
      },
    },
    mutative: repeat(500, () => {
      [byMutative] = mutate(byMutative, (draft) => void draft.a.b.count++, { enablePatches: true });
    }),
  });
  const name = "increment at depth 3";
  return [
    atMost(300, { ...told(`${name}, inside an action`, times, "inside", "plain"), unit: "ns" }),
    against(`${name}, inside an action`, times, "inside", "bare proxies"),
    atLeastTimes(10, faster(`${name}, inside an action`, times, "inside", "immer")),
    faster(`${name}, inside an action`, times, "inside", "immer, inside one recipe"),
    faster(`${name}, inside an action`, times, "inside", "mutative"),
    atMost(800, { ...told(`${name}, a whole action`, times, "whole", "plain"), unit: "ns" }),
    atLeastTimes(4, faster(`${name}, a whole action`, times, "whole", "immer")),
    faster(`${name}, a whole action`, times, "whole", "mutative"),
  ];
}

function pushes(options: BenchOptions): Figure[] {
  interface State {
    list: Item[];
  }
  const push = (count: number): Subject => {
    const tree = new StateTree(valueOf({ list: items(count) }));
    // Undone again, so that a list stays as long as it is said to be.
    return repeat(1_000, (n) => {
      act(
        tree,
        (tracked) => (tracked as State).list.push(item(n)),
        (transaction) => transaction.undo(),
      );
    });
  };
  const base = { list: items(MANY) };
  const times = interleave(options, {
    ten: push(10),
    many: push(MANY),
    immer: repeat(
      3,
      (n) => void produceWithPatches(base, (draft) => void draft.list.push(item(n))),
    ),
    mutative: repeat(3, (n) => {
      mutate(base, (draft) => void draft.list.push(item(n)), { enablePatches: true });
    }),
  });
  const name = "push onto 100,000, undo included";
  return [
    atMostTimes(1.5, { ...told(name, times, "many", "ten"), referenceName: "onto 10" }),
    faster(name, times, "many", "immer"),
    faster(name, times, "many", "mutative"),
  ];
}

function splices(): Figure[] {
  interface State {
    list: Item[];
  }
  const state = { list: items(10_000) };
  const tree = new StateTree(valueOf(state));
  const patches = act(tree, (tracked) => (tracked as State).list.splice(0, 1));
  const [, byImmer] = produceWithPatches(state, (draft) => void draft.list.splice(0, 1));
  const reference = { reference: byImmer.length, referenceName: "immer", unit: "operations" };
  return [atMost(1, { name: "splice(0, 1) on 10,000", ours: patches.length, ...reference })];
}

function walks(options: BenchOptions): Figure[] {
  interface State {
    list: Item[];
  }
  const base = { list: items(MANY) };
  const tree = new StateTree(valueOf({ list: items(MANY) }));
  let seen = 0;
  const visit = ({ list }: State): void => {
    for (const each of list) if (each) seen++;
  };
  const read = ({ list }: State): void => {
    for (const each of list) if (each.done) seen++;
  };
  const times = interleave(options, {
    plain: repeat(1, () => visit(base)),
    ours: repeat(1, () => void act(tree, (tracked) => visit(tracked as State))),
    immer: repeat(1, () => void produceWithPatches(base, (draft) => visit(draft))),
    mutative: repeat(1, () => void mutate(base, (draft) => visit(draft), { enablePatches: true })),
    "ours, reading": repeat(1, () => void act(tree, (tracked) => read(tracked as State))),
    "immer, reading": repeat(1, () => void produceWithPatches(base, (draft) => read(draft))),
  });
  if (seen === 0) throw new Error("nothing was visited");
  const name = "for…of over 100,000 items";
  return [
    atLeastTimes(9, faster(name, times, "ours", "immer")),
    faster(name, times, "ours", "mutative"),
    faster(`${name}, a field of each read`, times, "ours, reading", "immer, reading"),
    { ...told(name, times, "ours", "plain"), unit: "ns" },
  ];
}

function maps(options: BenchOptions): Figure[] {
  interface State {
    map: Map<number, Item>;
  }
  const remove = (count: number): Subject => {
    const tree = new StateTree(
      valueOf({ map: new Map(items(count).map((each) => [each.id, each])) }),
    );
    // Deleted for good and added at the end: the Map keeps its size.
    return repeat(1_000, (n) => {
      act(tree, (tracked) => (tracked as State).map.delete(n % count));
      act(tree, (tracked) => (tracked as State).map.set(n % count, item(n % count)));
    });
  };
  const times = interleave(options, { ten: remove(10), many: remove(MANY) });
  const figure = told("delete from a Map of 100,000, and add", times, "many", "ten");
  return [{ ...figure, referenceName: "of 10", ratio: figure.ours / (figure.reference ?? 1) }];
}

function filters(options: BenchOptions): Figure[] {
  interface State {
    list: Item[];
  }
  const base = { list: items(1_000) };
  const tree = new StateTree(valueOf({ list: items(1_000) }));
  const drop = (state: State, n: number): void => {
    state.list = state.list.filter((each) => each.id !== n % 1_000);
  };
  let patches: Patch[] = [];
  let byImmer: unknown[] = [];
  const times = interleave(options, {
    ours: repeat(50, (n) => {
      patches = act(
        tree,
        (tracked) => drop(tracked as State, n),
        (transaction) => transaction.undo(),
      );
    }),
    immer: repeat(10, (n) => {
      [, byImmer] = produceWithPatches(base, (draft) => drop(draft, n));
    }),
  });
  const commit = { type: "commit", version: 1, mark: "aaaaaa", patches } as const;
  return [
    {
      name: "list = list.filter(…) that drops one of 1,000",
      ours: encodeMessage(commit).length,
      reference: JSON.stringify(byImmer).length,
      referenceName: "immer",
      unit: "bytes",
    },
    faster("list = list.filter(…) that drops one of 1,000", times, "ours", "immer"),
  ];
}

/** One action as the host runs it, storage and sending apart. */
function act(
  tree: StateTree,
  action: (state: object) => void,
  then?: (transaction: ReturnType<StateTree["begin"]>) => void,
): Patch[] {
  const transaction = tree.begin();
  action(transaction.state);
  const patches = transaction.derive();
  transaction.end();
  then?.(transaction);
  return patches;
}

/** Something to measure: `run` makes so many calls. */
export interface Subject {
  readonly calls: number;
  run(calls: number): void;
}

export function repeat(calls: number, call: (n: number) => void): Subject {
  return {
    calls,
    run(count) {
      for (let n = 0; n < count; n++) call(n);
    },
  };
}

/** For each subject, the nanoseconds of one call in each round: the median over its samples. */
export type Times = Readonly<Record<string, readonly number[]>>;

/** Measures all subjects in every round, so that a slow moment of the machine meets each of them. */
export function interleave({ rounds }: BenchOptions, subjects: Record<string, Subject>): Times {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, [] as number[]]));
  // The first round warms up and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const samples = Array.from({ length: SAMPLES_PER_ROUND }, () => {
        const started = performance.now();
        subject.run(subject.calls);
        return ((performance.now() - started) * 1e6) / subject.calls;
      });
      if (round >= 0) times[name]?.push(median(samples));
    }
  }
  return times;
}

function told(name: string, times: Times, ours: string, reference: string): Figure {
  return {
    name,
    ours: median(times[ours] ?? []),
    reference: median(times[reference] ?? []),
    referenceName: reference,
    unit: "ns",
  };
}

/** How many times faster than the reference. */
function faster(
  name: string,
  times: Times,
  ours: string,
  reference: string,
): Figure & { readonly referenceName: string } {
  const ratio = ratioOf(times, reference, ours);
  const note = "times faster";
  return { ...told(name, times, ours, reference), referenceName: reference, ratio, note };
}

/** How many times as long as the reference. */
function against(name: string, times: Times, ours: string, reference: string): Figure {
  return { ...told(name, times, ours, reference), ratio: ratioOf(times, ours, reference) };
}

/** How many times as long one takes as another: the median over the rounds. */
function ratioOf(times: Times, one: string, other: string): number {
  const ratios = times[one]?.map((time, round) => time / (times[other]?.[round] ?? Number.NaN));
  return median(ratios ?? []);
}

/** The least that a tracker can be: proxies that track nothing, made once. */
function proxied<Node extends object>(node: Node): Node {
  const made = new WeakMap<object, object>();
  const handler: ProxyHandler<object> = {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === "object" && value !== null ? wrap(value) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  };
  const wrap = (target: object): object => {
    const known = made.get(target);
    if (known) return known;
    const proxy = new Proxy(target, handler);
    made.set(target, proxy);
    return proxy;
  };
  // True because a proxy looks like what it stands for.
  return wrap(node) as Node;
}

function items(count: number): Item[] {
  return Array.from({ length: count }, (_, id) => item(id));
}

function item(id: number): Item {
  return { id, title: `todo number ${id}`, done: false };
}

/** A state of this file as a value: its interfaces have no index signatures. */
function valueOf(state: object): ValueObject {
  return state as ValueObject;
}

// `node --conditions=holdfast-source bench/tracker.ts [--rounds N] [--json]`
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  const progress = (line: string): void => console.error(`  ${line}`);
  const figures = await tracker({ rounds: Number(values.rounds), progress });
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else
    console.table(figures, [
      "name",
      "ours",
      "unit",
      "reference",
      "referenceName",
      "ratio",
      "passed",
    ]);
}
