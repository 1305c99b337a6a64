import { atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { againstL, interleave, roundsNote } from "./rounds.ts";
import { SIZES } from "./sizes.ts";
import { percentile } from "./statistics.ts";
import type { Subject } from "./subject.ts";

const CONNECTS = 30;

/** From opening a socket on a warm instance to holding its parsed state. */
export async function connect(options: BenchOptions): Promise<Figure[]> {
  await using l = await startL();
  await using ours = await startHoldfast();
  const figures: Figure[] = [];
  for (const size of SIZES) {
    for (const subject of [l, ours]) {
      await subject.fill(size.key, size.bytes);
      await measure(subject, size.key);
    }
    const comparison = await interleave({
      rounds: options.rounds,
      steadyBy: "p50",
      reference: () => measure(l, size.key),
      ours: () => measure(ours, size.key),
    });
    options.progress(`connect at ${size.name}: ${roundsNote(comparison) || "steady"}`);
    const name = `connect to snapshot, ${size.name}`;
    const figure = againstL(comparison, "p50", { name, unit: "ms" });
    // Smaller states are dominated by the upgrade itself and have no target of their own.
    figures.push(size.bytes >= 1_000_000 ? atMostTimes(1.5, figure) : figure);
  }
  return figures;
}

async function measure(subject: Subject, key: string): Promise<{ p50: number }> {
  const times: number[] = [];
  for (let n = 0; n < CONNECTS; n++) times.push(await subject.connectToSnapshot(key));
  return { p50: percentile(times, 0.5) };
}
