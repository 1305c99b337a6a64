import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { canonicalEncode } from "@holdfast/protocol";
import { Workerd } from "@holdfast/testing/workerd";
import { FeedReader } from "./feed-reader.ts";
import { HoldfastSession } from "./holdfast-session.ts";
import { type Edit, plant } from "./plant.ts";
import type { ProofOptions, ProofReport } from "./report.ts";
import { WireClient } from "./wire-client.ts";

/**
 * Fifty readers of one instance on the real workerd, which is told so many commits that `n` MB go out
 * to each of them. Once all of them read, once one of them does not: what that costs is the difference
 * of workerd's resident memory, at its peak, in the median of interleaved rounds. The one that does
 * not read is cut off with 4008, and converges when it comes back.
 *
 * `edits` plants bugs in the server, to see that they are found.
 */
export async function slowReader(
  options: ProofOptions,
  edits: readonly Edit[] = [],
): Promise<ProofReport> {
  const rounds = options.short ? 1 : ROUNDS;
  const readers = options.short ? SHORT_READERS : READERS;
  const all: number[] = [];
  const butOne: number[] = [];
  const failures: string[] = [];
  let code = 0;
  let caughtUpMs = 0;
  for (let round = 1; round <= rounds; round++) {
    all.push((await run({ ...options, readers, stalls: false }, edits)).grownBytes);
    const stalled = await run({ ...options, readers, stalls: true }, edits);
    butOne.push(stalled.grownBytes);
    code = stalled.code;
    caughtUpMs = Math.max(caughtUpMs, stalled.caughtUpMs);
    failures.push(...stalled.failures);
    options.progress(
      `round ${round}: ${mib(all.at(-1))} MiB, with one stalled ${mib(butOne.at(-1))} MiB`,
    );
  }
  const cost = median(butOne) - median(all);
  if (cost > MOST_BYTES) {
    failures.push(
      `the reader that does not read costs ${mib(cost)} MiB, more than ${mib(MOST_BYTES)}`,
    );
  }
  return {
    name: "slow-reader",
    passed: failures.length === 0,
    figures: {
      readers,
      "MB to each": options.n,
      rounds,
      "workerd grows by, all read (MiB)": mib(median(all)),
      "workerd grows by, one does not (MiB)": mib(median(butOne)),
      "cost of the one (MiB)": mib(cost),
      "closed with": code,
      "level again after (ms)": caughtUpMs,
    },
    failures,
  };
}

const WORKER = fileURLToPath(new URL("./feed-worker.ts", import.meta.url));
const READERS = 50;
const SHORT_READERS = 10;
const ROUNDS = 3;
const MOST_BYTES = 16 * 1024 * 1024;
const COMMIT_CHARACTERS = 64 * 1000;
/** No reader that reads is ever further behind than this: none of them is slow. */
const LEAD_CHARACTERS = 512 * 1024;
const SOCKETS_PER_SESSION = 20;
const SAMPLE_MS = 10;

interface Run {
  readonly grownBytes: number;
  readonly code: number;
  readonly caughtUpMs: number;
  readonly failures: readonly string[];
}

async function run(
  { n, readers: count, stalls }: ProofOptions & { readers: number; stalls: boolean },
  edits: readonly Edit[],
): Promise<Run> {
  await using server = await Workerd.create({
    entry: WORKER,
    durableObjects: ["ModuleObject"],
    plugins: [plant(edits)],
    // Garbage is no cost of a reader: a heap of one size is compared with one of the same size.
    v8Flags: ["--max-old-space-size=128"],
  });
  await server.start();
  const failures: string[] = [];
  const sessions = await Promise.all(
    Array.from({ length: Math.ceil((count + 2) / SOCKETS_PER_SESSION) }, () =>
      HoldfastSession.mint(server.url),
    ),
  );
  const session = (index: number): HoldfastSession => {
    // True because there are as many as are needed.
    return sessions[index % sessions.length] as HoldfastSession;
  };
  const readers = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      FeedReader.open(session(index).open("feed"), `reader-${index}`),
    ),
  );
  const writer = new WireClient({
    id: "writer",
    window: 1,
    batched: true,
    openSocket: () => session(count).open("feed"),
    observer: {
      answered: () => undefined,
      broken: (_, what) => void failures.push(`the writer's protocol was broken: ${what}`),
    },
  });
  await writer.connect();
  const stalled = stalls ? readers[0] : undefined;
  const reading = readers.filter((reader) => reader !== stalled);
  // Warm: code is compiled, buffers have their size.
  await publish(writer, reading, 2_000_000);
  const before = server.figures().residentBytes;
  stalled?.stopReading();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, server.figures().residentBytes);
  }, SAMPLE_MS);
  await publish(writer, reading, n * 1_000_000);
  clearInterval(timer);
  for (const { closed } of reading) {
    if (closed) failures.push(`a reader that reads was closed: ${closed.code} ${closed.reason}`);
  }
  let code = 0;
  let caughtUpMs = 0;
  if (stalled) {
    stalled.readOn();
    await Promise.race([stalled.untilClosed(), sleep(PATIENCE_MS)]);
    code = stalled.closed?.code ?? 0;
    if (code !== SLOW_READER)
      failures.push(`the reader that does not read was closed with ${code}`);
    const started = performance.now();
    const back = new WireClient({
      id: "reader-0",
      window: 1,
      batched: true,
      openSocket: () => session(0).open("feed"),
      observer: { answered: () => undefined, broken: (_, what) => void failures.push(what) },
    });
    await back.connect();
    caughtUpMs = Math.round(performance.now() - started);
    if (canonicalEncode(back.replica?.state) !== canonicalEncode(writer.replica?.state)) {
      failures.push("the reader that came back has another state than the others");
    }
    back.disconnect();
  }
  writer.disconnect();
  for (const reader of readers) reader.end();
  return { grownBytes: peak - before, code, caughtUpMs, failures };
}

const SLOW_READER = 4008;
const PATIENCE_MS = 30_000;

/** Commits until so much went out to each, and waits until all who read have read it. */
async function publish(
  writer: WireClient,
  reading: readonly FeedReader[],
  characters: number,
): Promise<void> {
  const from = reading.map(({ read }) => read);
  const target = (count: number): Promise<void[]> =>
    Promise.all(reading.map((reader, index) => reader.atLeast((from[index] ?? 0) + count)));
  let sent = 0;
  while (sent < characters) {
    writer.dispatch("publish", COMMIT_CHARACTERS);
    sent += COMMIT_CHARACTERS;
    while (writer.unanswered > 0) await sleep(0);
    await target(sent - LEAD_CHARACTERS);
  }
  await target(sent);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

function mib(bytes: number | undefined): number {
  return Math.round(((bytes ?? NaN) / 1024 / 1024) * 10) / 10;
}
