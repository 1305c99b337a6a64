import { performance } from "node:perf_hooks";
import { applyPatches, decodeValue, encodeValue, type Patch, type Value } from "@holdfast/protocol";
import { applyPatches as immerApplyPatches, enablePatches, setAutoFreeze } from "immer";
import { atMost, atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { median } from "./statistics.ts";

const PLACES = 1_000;
const CALLS_PER_SAMPLE = 1_000;
const SAMPLES_PER_ROUND = 5;

interface Item {
  readonly title: string;
  readonly done: boolean;
}

/** The client's share of a commit: one patch on one of a thousand places. */
export async function client(options: BenchOptions): Promise<Figure[]> {
  enablePatches();
  // Freezing a state of this size once more per patch is immer's default and no part of the work.
  setAutoFreeze(false);
  const items = Array.from({ length: PLACES }, (_, n) => ({ title: `item ${n}`, done: false }));
  const record: Record<string, Item> = {};
  for (const [n, item] of items.entries()) record[`key-${n}`] = item;
  warmUp();
  const inArray = measure(options, items, (n) => n, editItem);
  const inRecord = measure(options, record, (n) => `key-${n}`, editEntry);
  setAutoFreeze(true);
  options.progress("apply one patch: measured");
  return [
    ...figures("an array of 1,000", inArray, (figure) => atMost(3, figure)),
    // V8 copies an object of a thousand keys by hashing every one: the copy is nearly all there is.
    ...figures("an object of 1,000 keys", inRecord, (figure) => atMostTimes(1.2, figure)),
  ];
}

interface Times {
  readonly ours: number;
  readonly byHand: number;
  readonly immer: number;
}

function figures(
  what: string,
  { ours, byHand, immer }: Times,
  judge: (figure: Parameters<typeof atMostTimes>[1]) => Figure,
): Figure[] {
  const figure = { name: `apply a patch to ${what}`, ours, unit: "µs" };
  return [
    judge({ ...figure, reference: byHand, referenceName: "hand-written", ratio: ours / byHand }),
    { ...figure, reference: immer, referenceName: "immer", ratio: ours / immer },
  ];
}

function measure<State extends Item[] | Record<string, Item>>(
  options: BenchOptions,
  initial: State,
  place: (n: number) => string | number,
  edit: (state: State, place: string | number, done: boolean) => State,
): Times {
  // As a page has it: decoded from a snapshot. The codec gives back what it was given.
  const state = decodeValue(encodeValue(initial)) as unknown as State;
  const places = Array.from({ length: PLACES }, (_, n) => place(n));
  // The index is within the places.
  const at = (n: number): string | number => places[n % PLACES] as string | number;
  const patch = (n: number): Patch & { op: "replace" } => ({
    op: "replace",
    path: [at(n), "done"],
    value: n % 2 === 0,
  });
  return {
    ours: time(options, state, (n, current) => {
      // Items and records are values; the applied state has the shape of the one before.
      return applyPatches(current as unknown as Value, [patch(n)]) as unknown as State;
    }),
    byHand: time(options, state, (n, current) => edit(current, at(n), n % 2 === 0)),
    immer: time(
      options,
      state,
      (n, current) =>
        immerApplyPatches(current as object, [
          { op: "replace", path: [at(n), "done"], value: n % 2 === 0 },
        ]) as State,
    ),
  };
}

/** The microseconds of one call, median over the samples; each call works on the last one's state. */
function time<State>(
  options: BenchOptions,
  initial: State,
  call: (n: number, current: State) => State,
): number {
  const samples: number[] = [];
  // The first round warms up and does not count.
  for (let sample = -SAMPLES_PER_ROUND; sample < options.rounds * SAMPLES_PER_ROUND; sample++) {
    let current = initial;
    const started = performance.now();
    for (let n = 0; n < CALLS_PER_SAMPLE; n++) current = call(n, current);
    if (sample >= 0) samples.push(((performance.now() - started) * 1000) / CALLS_PER_SAMPLE);
  }
  return median(samples);
}

function editItem(items: Item[], place: string | number, done: boolean): Item[] {
  const copy = items.slice();
  // An array's places are numbers, and every one of them holds an item.
  copy[place as number] = { ...(items[place as number] as Item), done };
  return copy;
}

function editEntry(
  record: Record<string, Item>,
  place: string | number,
  done: boolean,
): Record<string, Item> {
  const copy = { ...record };
  // Every place is a key of the record.
  copy[place] = { ...(record[place] as Item), done };
  return copy;
}

/**
 * A page's states have many shapes, and V8 treats code that has seen many differently from code that
 * has seen one. Each of the three gets to see a hundred.
 */
function warmUp(): void {
  for (let shape = 0; shape < 100; shape++) {
    const state = { [`a-${shape}`]: { title: "", done: false, [`b-${shape}`]: shape } };
    const path = [`a-${shape}`, "done"];
    applyPatches(state, [{ op: "replace", path, value: true }]);
    immerApplyPatches(state, [{ op: "replace", path, value: true }]);
    editEntry(state as Record<string, Item>, `a-${shape}`, true);
  }
}
