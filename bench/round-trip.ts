import { atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { loneRoundTrips } from "./load.ts";
import { interleave, type Measured, roundsNote } from "./rounds.ts";
import { type Size, SIZES } from "./sizes.ts";
import { percentile } from "./statistics.ts";
import type { Link, Subject } from "./subject.ts";

/** One action at a time, from send to ack, at every size of state. */
export async function roundTrip(options: BenchOptions): Promise<Figure[]> {
  await using l = await startL();
  await using ours = await startHoldfast();
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(...(await atSize(size, l, ours, options)));
  return figures;
}

export const WARM_UP_TRIPS = 3_000;
/** Short rounds, many of them: what disturbs one of them is gone in the next. */
const TRIPS = 400;
const SHORT_ROUNDS = 10;

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
  await loneRoundTrips(lLink, WARM_UP_TRIPS);
  await loneRoundTrips(ourLink, WARM_UP_TRIPS);
  const comparison = await interleave({
    rounds: options.rounds * SHORT_ROUNDS,
    steadyBy: "p50",
    reference: () => measureTrips(l, lLink),
    ours: () => measureTrips(ours, ourLink),
  });
  lLink.close();
  ourLink.close();
  const note = roundsNote(comparison);
  options.progress(`round trip at ${size.name}: ${note || "steady"}`);
  const figure = (key: string, limit: number, name: string, unit: string): Figure =>
    atMostTimes(limit, {
      name: `${name}, ${size.name}`,
      ours: comparison.ours[key] ?? NaN,
      reference: comparison.reference[key] ?? NaN,
      ratio: comparison.ratio[key] ?? NaN,
      referenceName: "L",
      unit,
      note,
    });
  const p95 = figure("p95", Infinity, "round trip p95", "ms");
  return [
    figure("p50", 1.2, "round trip p50", "ms"),
    withoutTarget(p95),
    figure("cpu", 1.4, "CPU per 1,000 lone actions", "ms"),
  ];
}

/** Lone round trips, and what they cost the server. */
export async function measureTrips(subject: Subject, link: Link): Promise<Measured> {
  const cpu = subject.server.figures().cpuMs;
  const times = await loneRoundTrips(link, TRIPS);
  return {
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    cpu: ((subject.server.figures().cpuMs - cpu) * 1000) / TRIPS,
  };
}

function withoutTarget({ target: _target, passed: _passed, ...figure }: Figure): Figure {
  return figure;
}
