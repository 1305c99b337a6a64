import { setTimeout as sleep } from "node:timers/promises";
import { decodeServerFrame, encodeValue } from "@holdfast/protocol";
import { atMost, atMostTimes, type BenchOptions, type Figure } from "./figure.ts";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { loneRoundTrips } from "./load.ts";
import { againstL, interleave, roundsNote } from "./rounds.ts";
import { LARGE } from "./sizes.ts";
import { median, percentile } from "./statistics.ts";
import type { Link, Subject } from "./subject.ts";

/** What an edit costs those who only listen, and what they cost the one who edits. */
export async function listeners(options: BenchOptions): Promise<Figure[]> {
  await using l = await startL();
  await using ours = await startHoldfast();
  await l.fill(LARGE.key, LARGE.bytes);
  await ours.fill(LARGE.key, LARGE.bytes);
  const figures: Figure[] = [];
  for (const count of [1, 10, 100]) figures.push(await bytes(ours, count));
  options.progress("bytes to each listener: counted");
  return [...figures, await ackLatency(l, ours, options)];
}

const EDITS = 200;

/** Beyond the change itself, which is its path and its new value. */
async function bytes(ours: Subject, count: number): Promise<Figure> {
  const { sender, listening } = await room(ours, count);
  const total: number[] = [];
  const beyond: number[] = [];
  const heard = new Promise<void>((resolve) => {
    for (const link of listening) {
      link.onFrame = (text) => {
        total.push(text.length);
        beyond.push(text.length - changeLength(text));
        if (total.length === EDITS * count) resolve();
      };
    }
  });
  await loneRoundTrips(sender, EDITS);
  await heard;
  for (const link of [sender, ...listening]) link.close();
  return atMost(100, {
    name: `bytes beyond the change to each of ${count} listeners, 1 MB`,
    ours: Math.max(...beyond),
    unit: "bytes",
    note: `the whole frame: ${median(total)} bytes`,
  });
}

/** The bench's edit is one patch; the least that could tell it is its path and its value. */
function changeLength(text: string): number {
  const [commit] = decodeServerFrame(text);
  const [patch] = commit?.type === "commit" ? commit.patches : [];
  if (patch?.op !== "replace") {
    throw new Error(`a one-field edit came as ${text.slice(0, 300)}`);
  }
  return JSON.stringify(patch.path).length + encodeValue(patch.value).length;
}

const ROOM = 100;
const TRIPS = 300;

async function ackLatency(l: Subject, ours: Subject, options: BenchOptions): Promise<Figure> {
  const lRoom = await room(l, ROOM);
  const ourRoom = await room(ours, ROOM);
  const measure = async ({ sender }: { sender: Link }): Promise<{ p50: number }> => {
    const times = await loneRoundTrips(sender, TRIPS);
    // What the listeners have not read yet must not meet the next measurement.
    await sleep(50);
    return { p50: percentile(times, 0.5) };
  };
  await measure(lRoom);
  await measure(ourRoom);
  const comparison = await interleave({
    rounds: options.rounds,
    steadyBy: "p50",
    reference: () => measure(lRoom),
    ours: () => measure(ourRoom),
  });
  for (const { sender, listening } of [lRoom, ourRoom]) {
    for (const link of [sender, ...listening]) link.close();
  }
  options.progress(`ack with ${ROOM} listeners: ${roundsNote(comparison) || "steady"}`);
  const name = `ack p50 with ${ROOM} listeners, 1 MB`;
  return atMostTimes(1.3, againstL(comparison, "p50", { name, unit: "ms" }));
}

async function room(subject: Subject, count: number): Promise<{ sender: Link; listening: Link[] }> {
  const listening: Link[] = [];
  for (let n = 0; n < count; n++) listening.push(await subject.open(LARGE.key));
  return { sender: await subject.open(LARGE.key), listening };
}
