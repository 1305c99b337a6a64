import { performance } from "node:perf_hooks";
import type { Figure } from "./figure.ts";
import { median } from "./statistics.ts";
import { stolenMs } from "./stolen.ts";

/** What one measurement gives, by the name of each figure. */
export type Measured = Readonly<Record<string, number>>;

export interface Comparison {
  /** Medians over the rounds that counted. */
  readonly ours: Measured;
  readonly reference: Measured;
  /** Medians of the ratios within each round. */
  readonly ratio: Measured;
  /** Rounds run again because L against L left 0.9 to 1.1, or the machine was taken away. */
  readonly repeated: number;
  /** True when so many had to be repeated that some unsteady ones count. */
  readonly unsteady: boolean;
}

export interface InterleaveOptions {
  readonly rounds: number;
  /** The figure by which L is held against L. */
  readonly steadyBy: string;
  readonly reference: () => Promise<Measured>;
  readonly ours: () => Promise<Measured>;
  /** What other guests of the machine's host have taken so far; from the system unless told. */
  readonly stolen?: () => number;
}

/** L against L in one round must stay within these, or the round says nothing. */
const STEADY = { least: 0.9, most: 1.1 };
/** Of a round's time, what another guest of the same host may take. */
const MOST_STOLEN = 0.02;
/** Rounds that may be tried per round that counts. */
const TRIES_PER_ROUND = 4;

interface Round {
  readonly ours: Measured;
  readonly reference: Measured;
  /** How far L was from L, and how much of the time was taken away; 0 is undisturbed. */
  readonly disturbance: number;
}

/**
 * Measures L, ours and L again, round by round, so that a slow moment of the machine meets both. A
 * round in which L differs from itself, or the machine was busy with other guests, is run again. When the machine never calms down, the
 * steadiest rounds count and the comparison says so.
 */
export async function interleave(options: InterleaveOptions): Promise<Comparison> {
  const { stolen = stolenMs } = options;
  const rounds: Round[] = [];
  let steady = 0;
  while (steady < options.rounds && rounds.length < options.rounds * TRIES_PER_ROUND) {
    const started = performance.now();
    const stolenBefore = stolen();
    const before = await options.reference();
    const ours = await options.ours();
    const after = await options.reference();
    const against = figure(after, options.steadyBy) / figure(before, options.steadyBy);
    const taken = (stolen() - stolenBefore) / (performance.now() - started);
    if (against >= STEADY.least && against <= STEADY.most && taken <= MOST_STOLEN) steady++;
    const disturbance = Math.abs(Math.log(against)) + taken;
    rounds.push({ ours, reference: means(before, after), disturbance });
  }
  const counted = rounds.toSorted((a, b) => a.disturbance - b.disturbance).slice(0, options.rounds);
  const names = Object.keys(counted[0]?.ours ?? {});
  const each = (value: (round: Round, name: string) => number): Measured =>
    Object.fromEntries(names.map((name) => [name, median(counted.map((r) => value(r, name)))]));
  return {
    ours: each((round, name) => figure(round.ours, name)),
    reference: each((round, name) => figure(round.reference, name)),
    ratio: each((round, name) => figure(round.ours, name) / figure(round.reference, name)),
    repeated: rounds.length - steady,
    unsteady: steady < options.rounds,
  };
}

/** One of the measured figures, ours beside L's. */
export function againstL(
  comparison: Comparison,
  key: string,
  { name, unit }: { readonly name: string; readonly unit: string },
): Figure & { readonly reference: number; readonly referenceName: string } {
  const { ours, reference, ratio } = comparison;
  return {
    name,
    ours: figure(ours, key),
    reference: figure(reference, key),
    ratio: figure(ratio, key),
    referenceName: "L",
    unit,
    note: roundsNote(comparison),
  };
}

/** What a reader of the figure has to know of its rounds. */
export function roundsNote(comparison: Comparison): string {
  const repeated = comparison.repeated === 0 ? "" : `${comparison.repeated} rounds repeated`;
  return comparison.unsteady ? `unsteady: ${repeated}` : repeated;
}

function means(a: Measured, b: Measured): Measured {
  return Object.fromEntries(
    Object.keys(a).map((name) => [name, (figure(a, name) + figure(b, name)) / 2]),
  );
}

function figure(measured: Measured, name: string): number {
  const value = measured[name];
  if (value === undefined) throw new Error(`the measurement gave no "${name}"`);
  return value;
}
