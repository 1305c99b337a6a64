import type { StateStore } from "../module/state-store.ts";
import { ENGINE_CHECKS } from "./engine-checks.ts";
import { STORE_CHECKS, type StoreGround } from "./store-checks.ts";

/** A store to be tried, on data of its own. */
export interface OpenedStore {
  readonly store: StateStore;
  /**
   * Another store on the same data, as a process that starts anew has it. Without it, the store
   * promises nothing beyond its own life.
   */
  readonly reopen?: (() => StateStore | Promise<StateStore>) | undefined;
  readonly close?: (() => unknown) | undefined;
}

/** What a store keeps of what it promises. */
export interface StoreReport {
  readonly results: readonly {
    readonly promise: string;
    /** `"none"`: it does not promise this. */
    readonly outcome: "kept" | "none" | "broken";
    /** What went wrong. */
    readonly reason: string;
  }[];
  /** What is broken, a line each; empty: the store may be used. */
  readonly failures: readonly string[];
}

/**
 * The acceptance suite of stores: what `StateStore` asks of one, and what a module with that store
 * promises, with saves that are slow, fail, arrive without an answer, and meet those of others. Time is
 * virtual, but for the store's own. It knows no test framework, and needs Node.
 *
 * @param open a store on no data
 *
 * @example
 * test("my store", async () => {
 *   const report = await checkStateStore(() => ({ store: myStore() }));
 *   expect(report.failures).toEqual([]);
 * });
 */
export async function checkStateStore(
  open: () => OpenedStore | Promise<OpenedStore>,
): Promise<StoreReport> {
  const results: StoreReport["results"][number][] = [];
  for (const [promise, check] of [...STORE_CHECKS, ...ENGINE_CHECKS]) {
    const { store, reopen, close } = await open();
    const ground: StoreGround = { store, reopen: reopen && (async () => reopen()) };
    try {
      const isPromised = await inTime(check(ground));
      results.push({ promise, outcome: isPromised === false ? "none" : "kept", reason: "" });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.push({ promise, outcome: "broken", reason });
    } finally {
      await close?.();
    }
  }
  const failures = results
    .filter(({ outcome }) => outcome === "broken")
    .map(({ promise, reason }) => `${promise}: ${reason}`);
  return { results, failures };
}

/** Longer than any store should take for a few hundred saves. */
const MOST_SECONDS = 60;

/** A check whose saves never end is a finding, not the end of the suite. */
async function inTime<Result>(checking: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It was not over within ${MOST_SECONDS} seconds`)),
      MOST_SECONDS * 1_000,
    );
  });
  try {
    return await Promise.race([checking, late]);
  } finally {
    clearTimeout(timer);
  }
}
