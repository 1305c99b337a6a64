import { setTimeout as sleep } from "node:timers/promises";
import type { BenchOptions, Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { crowded } from "./load.ts";
import { againstL, interleave, type Measured, roundsNote } from "./rounds.ts";
import { LARGE } from "./sizes.ts";
import { rowsPerAction } from "./sql-counts.ts";
import type { Link, Subject } from "./subject.ts";

/** What an instance does whose users all act at once, each with one action under way, and all told of all. */
export async function crowd(options: BenchOptions): Promise<Figure[]> {
  await using l = await startL();
  await using ours = await startHoldfast();
  await l.fill(LARGE.key, LARGE.bytes);
  await ours.fill(LARGE.key, LARGE.bytes);
  const figures: Figure[] = [];
  for (const users of [2, 16, 64]) {
    figures.push(...(await compare(users, l, ours, options)), await rows(users));
  }
  return figures;
}

/** Of all users together, in a round. */
const ACTIONS = 2_000;

/** At a server of its own: counting takes time. */
async function rows(users: number): Promise<Figure> {
  await using counting = await startHoldfast({ text: { COUNT_SQL: "1" } });
  await counting.fill(LARGE.key, LARGE.bytes);
  const links = await join(counting, users);
  const ours = await rowsPerAction(counting, ACTIONS, () => crowded(links, ACTIONS));
  for (const link of links) link.close();
  const name = `rows written per action, ${users} users, 1 MB`;
  return { name, ours, unit: "rows", note: "checkpoints included" };
}

async function compare(
  users: number,
  l: Subject,
  ours: Subject,
  options: BenchOptions,
): Promise<Figure[]> {
  const lLinks = await join(l, users);
  const ourLinks = await join(ours, users);
  await measure(l, lLinks);
  await measure(ours, ourLinks);
  const comparison = await interleave({
    rounds: options.rounds,
    steadyBy: "rate",
    reference: () => measure(l, lLinks),
    ours: () => measure(ours, ourLinks),
  });
  for (const link of [...lLinks, ...ourLinks]) link.close();
  options.progress(`${users} users: ${roundsNote(comparison) || "steady"}`);
  const name = `${users} users, one action each under way, 1 MB`;
  const cpuName = `CPU per 1,000 of those, ${users} users, 1 MB`;
  return [
    againstL(comparison, "rate", { name, unit: "per second" }),
    againstL(comparison, "cpu", { name: cpuName, unit: "ms" }),
  ];
}

async function join(subject: Subject, users: number): Promise<Link[]> {
  const links: Link[] = [];
  for (let n = 0; n < users; n++) links.push(await subject.open(LARGE.key));
  return links;
}

async function measure(subject: Subject, links: readonly Link[]): Promise<Measured> {
  const start = subject.server.figures().cpuMs;
  const seconds = await crowded(links, ACTIONS);
  const cpu = subject.server.figures().cpuMs - start;
  // What is still on its way to those who listen must not meet the next measurement.
  await sleep(50);
  return { rate: ACTIONS / seconds, cpu: (cpu * 1000) / ACTIONS };
}
