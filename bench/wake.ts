import { setTimeout as sleep } from "node:timers/promises";
import { atMost, type BenchOptions, type Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { batched, loneRoundTrips } from "./load.ts";
import { againstL, interleave, roundsNote } from "./rounds.ts";
import { LARGE, type Size, SIZES } from "./sizes.ts";
import { median } from "./statistics.ts";
import type { Link, Subject } from "./subject.ts";

/**
 * workerd evicts an object that was idle for ten seconds; its sockets hibernate. Ours may have a clock
 * of a second for its checkpoint before.
 */
const IDLE_MS = 11_800;
/**
 * Instances that are woken one after the other in one measurement, for the sake of its median; all of
 * them share an isolate, in which so many large ones have no room.
 */
const INSTANCES = 12;
const LARGER_INSTANCES = 4;
/** What the first ack of a state of 1 MB may take. */
const LARGE_MS = 20;
/** Commits behind the state, so that there is a journal to read as well. */
const EDITS = 1_000;

/**
 * The first action on an instance that hibernated, really: every instance is left alone until the
 * platform evicts it, and the count of constructed ones must rise by every one that is woken.
 */
export async function wake(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(await wakeAt(size, options));
  return figures;
}

async function wakeAt(size: Size, options: BenchOptions): Promise<Figure> {
  await using l = await startL();
  await using ours = await startHoldfast();
  const groups = {
    before: await prepare(l, "before", size),
    ours: await prepare(ours, "ours", size),
    after: await prepare(l, "after", size),
  };
  let turn = 0;
  const comparison = await interleave({
    rounds: options.rounds,
    steadyBy: "p50",
    reference: async () => {
      const first = turn++ % 2 === 0;
      // One wait for all three groups of a round.
      if (first) await sleep(IDLE_MS);
      return wakeAll(l, first ? groups.before : groups.after);
    },
    ours: () => wakeAll(ours, groups.ours),
  });
  for (const links of Object.values(groups)) for (const link of links) link.close();
  options.progress(`wake at ${size.name}: ${roundsNote(comparison) || "steady"}`);
  const name = `wake from hibernation to the first ack, ${size.name}`;
  const figure = againstL(comparison, "p50", { name, unit: "ms" });
  // Larger states have no target until parts load when they are first touched.
  return size.bytes <= LARGE.bytes ? atMost(LARGE_MS, figure) : figure;
}

async function prepare(subject: Subject, group: string, size: Size): Promise<Link[]> {
  const links: Link[] = [];
  const instances = size.bytes <= LARGE.bytes ? INSTANCES : LARGER_INSTANCES;
  for (let n = 0; n < instances; n++) {
    const key = `${group}-${n}`;
    await subject.fill(key, size.bytes);
    const link = await subject.open(key);
    await batched(link, EDITS, 50);
    links.push(link);
  }
  return links;
}

async function wakeAll(subject: Subject, links: readonly Link[]): Promise<{ p50: number }> {
  const constructed = await subject.constructed();
  const times: number[] = [];
  for (const link of links) times.push(...(await loneRoundTrips(link, 1)));
  const woken = (await subject.constructed()) - constructed;
  if (woken !== links.length) {
    throw new Error(`${subject.name}: ${woken} of ${links.length} instances had hibernated`);
  }
  return { p50: median(times) };
}
