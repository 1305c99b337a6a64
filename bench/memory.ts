import type { BenchOptions, Figure } from "./figure.ts";
import { type HoldfastSubject, startHoldfast } from "./holdfast-subject.ts";
import { batched, loneRoundTrips } from "./load.ts";

/** What an isolate has in production. */
const HEAP_MB = 128;
/** Sizes that are tried one after another, until one is too large. */
const STATES_MB = [10, 20, 30];
const TARGET_MB = 20;
/** So many that checkpoints are under way, and all parts are written once at least. */
const EDITS = 10_000;

/**
 * The largest state that an isolate of 128 MB works on and wakes with: filled, edited all over while
 * a page holds it, then the process is killed, started again, and a page connects, reads all of it
 * and edits.
 */
export async function memory(options: BenchOptions): Promise<Figure[]> {
  let largest = 0;
  let wake = NaN;
  let resident = NaN;
  for (const megabytes of STATES_MB) {
    const held = await holds(megabytes, options);
    if (!held) break;
    largest = megabytes;
    if (megabytes === TARGET_MB) ({ wake, resident } = held);
  }
  return [
    {
      name: "largest state worked on and woken in an isolate of 128 MB",
      ours: largest,
      unit: "MB",
      target: `at least ${TARGET_MB} MB`,
      passed: largest >= TARGET_MB,
      note: `tried: ${STATES_MB.join(", ")}`,
    },
    { name: `first start to snapshot and ack, ${TARGET_MB} MB`, ours: wake, unit: "ms" },
    { name: `resident memory of workerd, ${TARGET_MB} MB`, ours: resident, unit: "bytes" },
  ];
}

async function holds(
  megabytes: number,
  { progress }: BenchOptions,
): Promise<{ wake: number; resident: number } | undefined> {
  await using subject = await startHoldfast({ v8Flags: [`--max-old-space-size=${HEAP_MB}`] });
  try {
    // A process without memory ends, and nobody is answered any more.
    const answer = await Promise.race([
      work(subject, megabytes),
      subject.server.crashed.then(() => undefined),
    ]);
    progress(
      `${megabytes} MB: ${answer ? "held" : `too much: ${subject.server.log.slice(0, 300)}`}`,
    );
    return answer;
  } catch (error) {
    progress(`${megabytes} MB: ${String(error)}`);
    return undefined;
  }
}

async function work(
  subject: HoldfastSubject,
  megabytes: number,
): Promise<{ wake: number; resident: number }> {
  await subject.fill("state", megabytes * 1_000_000);
  const link = await subject.open("state");
  await batched(link, EDITS, 64);
  link.close();
  await subject.server.kill();
  await subject.server.start();
  const started = performance.now();
  const woken = await subject.open("state");
  await loneRoundTrips(woken, 1);
  const wake = performance.now() - started;
  await batched(woken, EDITS, 64);
  const resident = subject.server.figures().residentBytes;
  woken.close();
  return { wake, resident };
}
