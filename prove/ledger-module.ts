import {
  app,
  durableObjectStore,
  global,
  HoldfastError,
  type ModuleDefinition,
} from "@holdfast/server";
import type { Ledger } from "./ledger.ts";

interface Mark {
  client: string;
  n: number;
  /** Makes the commit as large as this, in halves that each fit a value. */
  bytes?: number;
}

const LOG_ENTRIES = 400;
const BLOBS = 4;

const initial: Ledger = {
  clients: new Map(),
  disorder: [],
  log: [],
  total: 0,
  blobs: {},
  at: new Date(0),
};

/** What the proof of kills acts on. */
export const ledger: ModuleDefinition = app
  .defineState(initial)
  .persist(durableObjectStore(global()))
  .onAction("mark", ({ state, now }, { client, n, bytes }: Mark) => {
    if (!state.clients.has(client)) state.clients.set(client, { last: 0, count: 0 });
    // Set above where it was missing.
    const entry = state.clients.get(client)!;
    if (n !== entry.last + 1) state.disorder.push({ client, n, last: entry.last });
    entry.last = n;
    entry.count++;
    state.total++;
    state.log.push(`${client}:${n}`);
    if (state.log.length > LOG_ENTRIES) state.log.splice(0, state.log.length - LOG_ENTRIES);
    state.at = new Date(now);
    if (bytes !== undefined) {
      const text = `${client}:${n};`.repeat(Math.ceil(bytes / 2 / `${client}:${n};`.length));
      state.blobs[`${n % BLOBS}-low`] = text;
      state.blobs[`${n % BLOBS}-high`] = text.toUpperCase();
    }
    return { count: entry.count, total: state.total };
  })
  .onAction("refuse", ({ state }, { client }: { client: string }) => {
    // Everything below must leave no trace.
    state.total += 1_000_000;
    state.log.length = 0;
    state.clients.delete(client);
    state.blobs = {};
    throw new HoldfastError("REFUSED", "this action always refuses");
  })
  .build();

/** The proof is about durability: it may send as fast as it can. */
export const LEDGER_LIMITS = { ratePerSecond: 1_000_000, rateBurst: 1_000_000 } as const;
