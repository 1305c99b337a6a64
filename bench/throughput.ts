import { atLeastTimes, atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { batched, pipelined } from "./load.ts";
import { againstL, interleave, type Measured, roundsNote } from "./rounds.ts";
import { type Size, SIZES } from "./sizes.ts";
import type { Link, Subject } from "./subject.ts";

/** Actions per second with 64 in flight, with and without batching, and what they cost. */
export async function throughput(options: BenchOptions): Promise<Figure[]> {
  await using l = await startL();
  await using ours = await startHoldfast();
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(...(await atSize(size, l, ours, options)));
  return figures;
}

const IN_FLIGHT = 64;
const WARM_UP_ACTIONS = 10_000;
/** Short rounds, many of them: what disturbs one of them is gone in the next. */
const SINGLE_ACTIONS = 2_000;
const BATCHED_ACTIONS = 16_000;
const SHORT_ROUNDS = 2;

async function atSize(
  size: Size,
  l: Subject,
  ours: Subject,
  options: BenchOptions,
): Promise<Figure[]> {
  await l.fill(size.key, size.bytes);
  await ours.fill(size.key, size.bytes);
  const lLink = await l.open(size.key);
  const ourLink = await ours.open(size.key);
  for (const link of [lLink, ourLink]) await warmUp(link);
  const comparison = await interleave({
    rounds: options.rounds * SHORT_ROUNDS,
    steadyBy: "single",
    reference: () => measureFlow(l, lLink),
    ours: () => measureFlow(ours, ourLink),
  });
  lLink.close();
  ourLink.close();
  options.progress(`throughput at ${size.name}: ${roundsNote(comparison) || "steady"}`);
  const against = (key: string, unit: string, name: string): ReturnType<typeof againstL> =>
    againstL(comparison, key, { name: `${name}, ${size.name}`, unit });
  const single = against("single", "per second", "64 in flight, a frame each");
  const together = against("batched", "per second", "64 in flight, batched");
  return [
    atLeastTimes(0.8, single),
    atLeastTimes(10, {
      ...together,
      reference: single.reference,
      ratio: together.ours / single.reference,
    }),
    {
      ...against("batched", "per second", "the same against L batched"),
      referenceName: "L batched",
    },
    atMostTimes(1.4, against("cpu", "ms", "CPU per 1,000 actions, a frame each")),
    {
      ...against("batchedCpu", "ms", "CPU per 1,000 actions, batched"),
      referenceName: "L batched",
    },
  ];
}

/** Until V8 has compiled what a stream of actions needs. */
export async function warmUp(link: Link): Promise<void> {
  await pipelined(link, WARM_UP_ACTIONS, IN_FLIGHT);
  await batched(link, WARM_UP_ACTIONS, IN_FLIGHT);
}

/** Actions per second, a frame each and batched, and what they cost the server. */
export async function measureFlow(subject: Subject, link: Link): Promise<Measured> {
  const start = subject.server.figures().cpuMs;
  const singleSeconds = await pipelined(link, SINGLE_ACTIONS, IN_FLIGHT);
  const middle = subject.server.figures().cpuMs;
  const batchedSeconds = await batched(link, BATCHED_ACTIONS, IN_FLIGHT);
  const end = subject.server.figures().cpuMs;
  return {
    single: SINGLE_ACTIONS / singleSeconds,
    batched: BATCHED_ACTIONS / batchedSeconds,
    cpu: ((middle - start) * 1000) / SINGLE_ACTIONS,
    batchedCpu: ((end - middle) * 1000) / BATCHED_ACTIONS,
  };
}
