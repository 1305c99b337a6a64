import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** Seeds to play, one after another. */
export interface Batch {
  readonly from: number;
  readonly count: number;
}

/** Histories that a thread plays before it reports, where nothing else is asked for. */
export const BATCH = 20;

/**
 * Plays `n` seeds on as many threads as there are cores; results in the order of their coming.
 *
 * @param thread answers each message, which is a `Batch`, with one `Result`
 * @param batch seeds in each
 */
export async function* playAll<Result>(
  thread: URL,
  first: number,
  n: number,
  batch: number = BATCH,
): AsyncGenerator<Result> {
  const threads = Math.min(availableParallelism(), Math.ceil(n / batch));
  const workers = Array.from({ length: threads }, () => new Worker(thread));
  try {
    let next = first;
    const end = first + n;
    const running = new Map<Worker, Promise<{ worker: Worker; result: Result }>>();
    const feed = (worker: Worker): void => {
      if (next >= end) {
        running.delete(worker);
        return;
      }
      const asked: Batch = { from: next, count: Math.min(batch, end - next) };
      next += asked.count;
      running.set(worker, ask(worker, asked));
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

function ask<Result>(worker: Worker, batch: Batch): Promise<{ worker: Worker; result: Result }> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (result: Result) => {
      worker.off("error", reject);
      resolve({ worker, result });
    });
    worker.postMessage(batch);
  });
}
