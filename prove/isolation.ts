import { runOnHost } from "./isolation-host.ts";
import { runFree } from "./isolation-free.ts";
import { knownHistory } from "./isolation-known-program.ts";
import type { KnownStep } from "./isolation-known-program.ts";
import { runKnown } from "./isolation-known.ts";
import { KINDS, freeHistory, reductions } from "./isolation-program.ts";
import type { History, Kind } from "./isolation-program.ts";
import type { Tally } from "./isolation-world.ts";
import type { Step } from "./patches-program.ts";
import type { ProofOptions, ProofReport } from "./report.ts";
import { endsWithin } from "./ends-within.ts";

/** Failures that are worth shrinking and printing, in a run that has the time. */
const SHOWN_FAILURES = 3;

/** Histories on the tree for one on the host, which takes longer. */
const HISTORIES_PER_HOST = 100;

/** So many histories are watched together, since a watch costs more than a history. */
const WATCHED = 100;
/** What they take is a small part of it. If it is not enough, one of them will never end. */
const LONGEST_MS = 20_000;

/**
 * Random histories of asynchronous handlers on one tree, which interleave wherever they await, with
 * synchronous actions, failed writes, throws and `commit()` in between; against serial oracles. For
 * each hundred of them one more on the real host, for the order of turns.
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
  const mostFailures = options.short ? 1 : SHOWN_FAILURES;
  const hosts = Math.ceil(options.n / HISTORIES_PER_HOST);
  for (let seed = options.seed; seed < options.seed + hosts; seed++) {
    const failure = await checkHost(seed);
    if (failure !== undefined) failures.push(failure);
    if (failures.length >= mostFailures) break;
  }
  let n = 0;
  const next = (): void => {
    const seed = options.seed + n++;
    const failure = check(seed, tally);
    if (failure !== undefined) failures.push(failure);
  };
  while (n < options.n && failures.length < mostFailures) {
    const until = Math.min(options.n, n + WATCHED);
    const watched = (): void => {
      while (n < until && failures.length < mostFailures) next();
    };
    if (!endsWithin(LONGEST_MS, watched)) failures.push(endless(options.seed + n - 1));
    if (n % 5_000 === 0) options.progress(`${n} histories`);
  }
  return {
    name: "isolation",
    passed: failures.length === 0,
    figures: {
      "histories on the host": hosts,
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

async function checkHost(seed: number): Promise<string | undefined> {
  try {
    await runOnHost(seed);
    return undefined;
  } catch (error) {
    return `${textOf(error)}\n    on the host, seed ${seed}: npm run prove -- isolation --n 1 --seed ${seed}`;
  }
}

function endless(seed: number): string {
  // True because the index is within the list.
  const kind = KINDS[seed % KINDS.length] as Kind;
  return `a history does not end: ${kind}, seed ${seed}: npm run prove -- isolation --n 1 --seed ${seed}`;
}

function check(seed: number, tally: Tally): string | undefined {
  // True because the index is within the list.
  const kind = KINDS[seed % KINDS.length] as Kind;
  switch (kind) {
    case "free, serializable":
    case "free, default": {
      const serializable = kind === "free, serializable";
      const run: Run<Step> = (history, counted) => runFree(history, serializable, counted);
      return tried(kind, freeHistory(seed), run, tally);
    }
    case "known, serializable":
    case "known, default": {
      const serializable = kind === "known, serializable";
      const run: Run<KnownStep> = (history, counted) => runKnown(history, serializable, counted);
      return tried(kind, knownHistory(seed), run, tally);
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
    return textOf(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
