import type { BenchOptions, Figure } from "./figure.ts";
import { startHoldfast, startHoldfastOnNode } from "./holdfast-subject.ts";
import { loneRoundTrips } from "./load.ts";
import { measureTrips, WARM_UP_TRIPS } from "./round-trip.ts";
import { againstL, interleave, type Measured, roundsNote } from "./rounds.ts";
import { type Size, SIZES } from "./sizes.ts";
import type { Link, Subject } from "./subject.ts";
import { measureFlow, warmUp } from "./throughput.ts";

/** The same modules on Node and on workerd, in one run: there are no targets, only ratios. */
export async function node(options: BenchOptions): Promise<Figure[]> {
  await using workerd = await startHoldfast();
  await using ours = await startHoldfastOnNode();
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(...(await atSize(size, workerd, ours, options)));
  return figures;
}

async function atSize(
  size: Size,
  workerd: Subject,
  ours: Subject,
  options: BenchOptions,
): Promise<Figure[]> {
  const links: { workerd: Link; ours: Link } = {
    workerd: await filled(workerd, size),
    ours: await filled(ours, size),
  };
  const measure = async (subject: Subject, link: Link): Promise<Measured> => {
    const trips = await measureTrips(subject, link);
    const flow = await measureFlow(subject, link);
    return { ...flow, p50: trips["p50"] ?? NaN, loneCpu: trips["cpu"] ?? NaN };
  };
  const comparison = await interleave({
    rounds: options.rounds,
    steadyBy: "p50",
    reference: () => measure(workerd, links.workerd),
    ours: () => measure(ours, links.ours),
  });
  links.workerd.close();
  links.ours.close();
  const note = roundsNote(comparison);
  options.progress(`node at ${size.name}: ${note || "steady"}`);
  const figure = (key: string, name: string, unit: string): Figure => ({
    ...againstL(comparison, key, { name: `${name}, ${size.name}`, unit }),
    referenceName: "workerd",
  });
  return [
    figure("p50", "round trip p50", "ms"),
    figure("loneCpu", "CPU per 1,000 lone actions", "ms"),
    figure("single", "64 in flight, a frame each", "per second"),
    figure("cpu", "CPU per 1,000 of them", "ms"),
    figure("batched", "64 in flight, batched", "per second"),
    figure("batchedCpu", "CPU per 1,000 of these", "ms"),
  ];
}

async function filled(subject: Subject, size: Size): Promise<Link> {
  await subject.fill(size.key, size.bytes);
  const link = await subject.open(size.key);
  await loneRoundTrips(link, WARM_UP_TRIPS);
  await warmUp(link);
  return link;
}
