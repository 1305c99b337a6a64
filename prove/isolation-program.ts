import { randomStep } from "./patches-program.ts";
import type { Step } from "./patches-program.ts";
import { Random } from "@holdfast/testing/random";

/** What a history is checked against. */
export type Kind =
  /** Any steps, serializable: the same steps, run one after the other in the order of commits. */
  | "free, serializable"
  /** Any steps, default: nobody sees unfinished writes, patches are right, nothing is left behind. */
  | "free, default"
  /** Steps that know what they have read: the same steps, run in the order of commits. */
  | "known, serializable"
  /** The same, default: no update is lost on a place that was read and written. */
  | "known, default";

export const KINDS: readonly Kind[] = [
  "free, serializable",
  "free, default",
  "known, serializable",
  "known, default",
];

/** One thing that happens: a handler goes on until its next await, or somebody acts in between. */
export type Event<S> =
  /** The handler does something; it begins with its first step, and anew after its end. */
  | { readonly do: "step"; readonly who: number; readonly step: S }
  /** It publishes; the durable write may fail, and nothing happens. */
  | { readonly do: "commit"; readonly who: number; readonly fails: boolean }
  /** It returns, or throws. */
  | { readonly do: "end"; readonly who: number; readonly throws: boolean }
  /** Synchronous actions in one batch, whose durable write may fail. */
  | { readonly do: "batch"; readonly actions: readonly Sync<S>[]; readonly fails: boolean }
  /** A snapshot or a checkpoint is taken. */
  | { readonly do: "look" };

export interface Sync<S> {
  readonly steps: readonly S[];
  readonly throws: boolean;
}

export interface History<S> {
  readonly seed: number;
  readonly events: readonly Event<S>[];
}

/** A history of two to four handlers that overlap, with synchronous actions in between. */
export function randomHistory<S>(seed: number, randomS: (random: Random) => S): History<S> {
  const random = new Random(seed);
  const handlers = random.between(2, 4);
  const events: Event<S>[] = [];
  const length = random.between(6, 30);
  const open = new Set<number>();
  while (events.length < length) {
    const who = random.between(1, handlers);
    const chance = random.between(1, 100);
    if (chance <= 58) {
      open.add(who);
      const steps = random.between(1, 3);
      for (let n = 0; n < steps; n++) events.push({ do: "step", who, step: randomS(random) });
    } else if (chance <= 68) events.push({ do: "commit", who, fails: random.chance(0.2) });
    else if (chance <= 76) events.push({ do: "end", who, throws: random.chance(0.3) });
    else if (chance <= 96) events.push(randomBatch(random, randomS));
    else events.push({ do: "look" });
  }
  for (const who of open) events.push({ do: "end", who, throws: random.chance(0.1) });
  return { seed, events };
}

function randomBatch<S>(random: Random, randomS: (random: Random) => S): Event<S> {
  const actions = Array.from({ length: random.between(1, 2) }, () => ({
    steps: Array.from({ length: random.between(1, 3) }, () => randomS(random)),
    throws: random.chance(0.15),
  }));
  return { do: "batch", actions, fails: random.chance(0.15) };
}

/** Histories with less in them, for shrinking. */
export function reductions<S>({ seed, events }: History<S>): History<S>[] {
  const halves: History<S>[] = [];
  for (let size = Math.floor(events.length / 2); size > 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= events.length; at += size) {
      halves.push({ seed, events: events.toSpliced(at, size) });
    }
  }
  const singles = events.flatMap((event, at) => [
    { seed, events: events.toSpliced(at, 1) },
    ...smaller(event).map((less) => ({ seed, events: events.with(at, less) })),
  ]);
  return [...halves, ...singles];
}

function smaller<S>(event: Event<S>): Event<S>[] {
  if (event.do === "commit" && event.fails) return [{ ...event, fails: false }];
  if (event.do !== "batch") return [];
  const { actions } = event;
  const less = actions.flatMap(({ steps, throws }, at) => [
    actions.toSpliced(at, 1),
    ...(throws ? [actions.with(at, { steps, throws: false })] : []),
    ...steps.map((_, step) => actions.with(at, { steps: steps.toSpliced(step, 1), throws })),
  ]);
  return less.map((fewer): Event<S> => ({ ...event, actions: fewer }));
}

export function freeHistory(seed: number): History<Step> {
  return randomHistory(seed, randomStep);
}
