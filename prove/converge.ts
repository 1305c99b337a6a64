import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { describeStep, drawScript, shrink } from "@holdfast/testing/world";
import type { Batch, BatchResult } from "./converge-thread.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/** Histories that a thread plays before it reports. */
const BATCH = 20;
/** A bug breaks many histories; a few of them say enough. */
const MOST_SHRUNK = 3;

/**
 * `n` random histories in the deterministic world: the real host, journal and client, through drops,
 * half-open links, kills, failed writes, evictions and the like; after each, G1–G11, G13, G15 and
 * G20 are checked as far as they can be seen from outside. A history that fails is made smaller
 * until nothing can be left out.
 */
export async function converge({ n, seed, progress }: ProofOptions): Promise<ProofReport> {
  const sums = { versions: 0, actions: 0, deaths: 0, sockets: 0 };
  const events = new Map<string, number>();
  const failed: { seed: number; what: string }[] = [];
  let played = 0;
  for await (const { figures, failed: some } of playAll(seed, n)) {
    for (const one of figures) {
      for (const key of ["versions", "actions", "deaths", "sockets"] as const)
        sums[key] += one[key];
      for (const [type, count] of Object.entries(one.events)) {
        events.set(type, (events.get(type) ?? 0) + count);
      }
    }
    failed.push(...some);
    played += BATCH;
    if (played % 1_000 === 0) progress(`${played} histories, ${failed.length} failed`);
  }
  const failures: string[] = [];
  failed.sort((a, b) => a.seed - b.seed);
  for (const [index, { seed: failing, what }] of failed.entries()) {
    const story = index < MOST_SHRUNK ? await tell(failing) : "";
    failures.push(`seed ${failing}: ${what}${story}`);
  }
  const figures = {
    histories: n,
    ...sums,
    ...Object.fromEntries(
      [...events].sort(([, a], [, b]) => b - a).map(([type, count]) => [`steps: ${type}`, count]),
    ),
    "histories failed": failed.length,
  };
  return { name: "converge", passed: failures.length === 0, figures, failures };
}

/** All seeds, on as many threads as there are cores; results in the order of their coming. */
async function* playAll(first: number, n: number): AsyncGenerator<BatchResult> {
  const threads = Math.min(availableParallelism(), Math.ceil(n / BATCH));
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("./converge-thread.ts", import.meta.url)),
  );
  try {
    let next = first;
    const end = first + n;
    const running = new Map<Worker, Promise<{ worker: Worker; result: BatchResult }>>();
    const feed = (worker: Worker): void => {
      if (next >= end) {
        running.delete(worker);
        return;
      }
      const batch: Batch = { from: next, count: Math.min(BATCH, end - next) };
      next += batch.count;
      running.set(worker, ask(worker, batch));
    };
    for (const worker of workers) feed(worker);
    while (running.size > 0) {
      const { worker, result } = await Promise.race(running.values());
      feed(worker);
      yield result;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, batch: Batch): Promise<{ worker: Worker; result: BatchResult }> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (result: BatchResult) => {
      worker.off("error", reject);
      resolve({ worker, result });
    });
    worker.postMessage(batch);
  });
}

/** The smallest history that fails like this one, step by step and message by message. */
async function tell(seed: number): Promise<string> {
  const { script, played, tries } = await shrink(drawScript(seed));
  const { steps, ...rest } = script;
  return [
    "",
    `    after ${tries} tries at making it smaller: ${played.breach?.what}`,
    `    ${JSON.stringify(rest)}`,
    ...steps.map((step) => `    ${describeStep(step)}`),
    ...played.transcript.slice(-60).map((line) => `      ${line.slice(0, 200)}`),
    `    as data: ${JSON.stringify(script)}`,
  ].join("\n");
}
