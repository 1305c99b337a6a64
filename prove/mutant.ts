import type { NamedTest } from "./hunt-by-test.ts";
import type { Edit } from "./plant.ts";

/** A bug that turns one guarantee false, as an edit of the sources. */
export interface Mutant {
  readonly name: string;
  /** Which of the proofs has to find it. */
  readonly hunter: Hunter;
  readonly edits: readonly Edit[];
  /** For the hunter `test`: which. */
  readonly test?: NamedTest;
}

export type Hunter =
  /** A small program with a crash or failure at each of its durable steps. */
  | "crashes"
  /** Hostile frames, in process. */
  | "frames"
  /** Histories of asynchronous handlers on one tree. */
  | "isolation"
  /** Histories of streams in the deterministic world. */
  | "streams"
  /** A write-ahead log, cut at random bytes. */
  | "wal"
  /** Histories of the deterministic world. */
  | "world"
  /** Histories of users in rooms. */
  | "rooms"
  /** Histories of logins, with canaries in all that is written. */
  | "leaks"
  /** Histories of updates by patches, of undo, and of predicted times. */
  | "updates"
  /** The test that is named. */
  | "test"
  /** `workerd`, killed in the middle. */
  | "kill"
  /** The Node server, killed in the middle. */
  | "kill on Node";

/** For a list whose bugs are all one hunter's. */
export function mutantsFor(hunter: Hunter): (name: string, ...edits: readonly Edit[]) => Mutant {
  return (name, ...edits) => ({ name, hunter, edits });
}

/** For bugs that one test, or a test of a table, finds; `test` is a part of its name. */
export function inTest(
  file: string,
  test: string,
): (name: string, ...edits: readonly Edit[]) => Mutant {
  const named = { project: projectOf(file), file, test };
  return (name, ...edits) => ({ name, hunter: "test", edits, test: named });
}

function projectOf(file: string): NamedTest["project"] {
  if (file.includes(".browser.test.")) return "chromium";
  return file.endsWith(".hooks.test.tsx") ? "jsdom" : "node";
}
