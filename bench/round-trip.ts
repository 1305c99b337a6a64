import { atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { loneRoundTrips } from "./load.ts";
import { againstL, interleave, type Measured, roundsNote } from "./rounds.ts";
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
  options.progress(`round trip at ${size.name}: ${roundsNote(comparison) || "steady"}`);
  const against = (key: string, name: string): ReturnType<typeof againstL> =>
    againstL(comparison, key, { name: `${name}, ${size.name}`, unit: "ms" });
  return [
    atMostTimes(1.2, against("p50", "round trip p50")),
    against("p95", "round trip p95"),
    atMostTimes(1.4, against("cpu", "CPU per 1,000 lone actions")),
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
