import { runFree } from "./isolation-free.ts";
import { KINDS, freeHistory, reductions } from "./isolation-program.ts";
import type { History, Kind } from "./isolation-program.ts";
import type { Tally } from "./isolation-world.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/** Failures that are worth shrinking and printing. */
const SHOWN_FAILURES = 3;

/**
 * Random histories of asynchronous handlers on one tree, which interleave wherever they await, with
 * synchronous actions, failed writes, throws and `commit()` in between; against serial oracles.
 */
export async function isolation(options: ProofOptions): Promise<ProofReport> {
  const tally: Tally = {
    handlers: 0,
    published: 0,
    overtaken: 0,
    conflicts: 0,
    threw: 0,
    failedWrites: 0,
    batches: 0,
  };
  const failures: string[] = [];
  for (let n = 0; n < options.n && failures.length < SHOWN_FAILURES; n++) {
    const seed = options.seed + n;
    const failure = check(seed, tally);
    if (failure !== undefined) failures.push(failure);
    if (n % 5_000 === 4_999) options.progress(`${n + 1} histories`);
  }
  return {
    name: "isolation",
    passed: failures.length === 0,
    figures: {
      handlers: tally.handlers,
      "parts published": tally.published,
      "published after others had committed": tally.overtaken,
      conflicts: tally.conflicts,
      "threw and left no trace": tally.threw,
      "failed writes": tally.failedWrites,
      "synchronous batches": tally.batches,
      differences: failures.length,
    },
    failures,
  };
}

function check(seed: number, tally: Tally): string | undefined {
  // True because the index is within the list.
  const kind = KINDS[seed % KINDS.length] as Kind;
  switch (kind) {
    case "free, serializable":
    case "free, default":
    default: {
      const run = (history: History<never>, counted?: Tally): void =>
        runFree(history, kind.endsWith("serializable"), counted);
      return tried(kind, freeHistory(seed) as History<never>, run, tally);
    }
  }
}

type Run<S> = (history: History<S>, tally?: Tally) => void;

/** What went wrong, if anything, with the least that makes it go wrong. */
function tried<S>(kind: Kind, history: History<S>, run: Run<S>, tally: Tally): string | undefined {
  if (problemOf(history, run, tally) === undefined) return undefined;
  let smallest = history;
  for (;;) {
    const less = reductions(smallest).find((one) => problemOf(one, run) !== undefined);
    if (less === undefined) break;
    smallest = less;
  }
  return [
    `${problemOf(smallest, run)}`,
    `${kind}, seed ${history.seed}: npm run prove -- isolation --n 1 --seed ${history.seed}`,
    ...smallest.events.map((event) => JSON.stringify(event)),
  ].join("\n    ");
}

function problemOf<S>(history: History<S>, run: Run<S>, tally?: Tally): string | undefined {
  try {
    run(history, tally);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
