import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Workerd } from "@holdfast/testing/workerd";
import { type Edit, plant } from "./plant.ts";
import type { ProofOptions, ProofReport } from "./report.ts";
import { type StormClient, stormClient } from "./storm-client.ts";

/**
 * `n` real clients on one instance of the real workerd, which is killed and started again: they come
 * back spread out, and before long all of them show what has happened since.
 *
 * `edits` plants bugs in the server.
 */
export async function storm(
  options: ProofOptions,
  edits: readonly Edit[] = [],
): Promise<ProofReport> {
  const { n, short, progress } = options;
  const kills = short ? 1 : KILLS;
  await using server = await Workerd.create({
    entry: fileURLToPath(new URL("./storm-worker.ts", import.meta.url)),
    durableObjects: ["ModuleObject"],
    plugins: [plant(edits)],
  });
  await server.start();
  const attempts: number[] = [];
  const clients: StormClient[] = [];
  const failures: string[] = [];
  const densest: number[] = [];
  const synced: number[] = [];
  let expected = 0;
  try {
    for (let index = 0; index < n; index++) {
      clients.push(stormClient(server.url, (at) => void attempts.push(at)));
      // A page load here and there: what comes all at once is another proof's.
      if (index % 20 === 0) await sleep(20);
    }
    await until(
      () => clients.every((client) => client.isLive()),
      JOIN_MS,
      () => {
        return `${clients.filter((client) => client.isLive()).length} of ${n} clients are live`;
      },
    );
    progress(`${n} clients are live`);
    for (let kill = 1; kill <= kills; kill++) {
      attempts.length = 0;
      await server.kill();
      await server.start();
      const up = performance.now();
      // Whoever is there first changes something, so that nobody passes for synced by what it had.
      expected++;
      const bumped = clients[kill % n]?.bump();
      await until(
        () => isSynced(clients, expected),
        PATIENCE_MS,
        () => {
          const late = clients.filter((client) => client.count() !== expected);
          return `${late.length} of ${n} clients are not synced`;
        },
      );
      const ms = Math.round(performance.now() - up);
      await bumped;
      const share = (densestWindow(attempts.toSorted((a, b) => a - b)) / n) * 100;
      densest.push(share);
      synced.push(ms);
      progress(`kill ${kill}: all synced after ${ms} ms, at most ${share.toFixed(1)} % in 100 ms`);
      if (share > MOST_PERCENT) {
        failures.push(`after kill ${kill}, ${share.toFixed(1)} % of the attempts were in 100 ms`);
      }
      if (ms > SYNCED_MS) failures.push(`after kill ${kill}, the last was synced after ${ms} ms`);
    }
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  } finally {
    for (const { client } of clients) client.close();
  }
  return {
    name: "storm",
    passed: failures.length === 0,
    figures: {
      clients: n,
      kills: densest.length,
      "most reconnects in 100 ms (%)": Number(Math.max(...densest).toFixed(1)),
      "all synced after (ms)": Math.max(...synced),
    },
    failures,
  };
}

const KILLS = 5;
const MOST_PERCENT = 5;
const WINDOW_MS = 100;
const SYNCED_MS = 15_000;
const PATIENCE_MS = 60_000;
const JOIN_MS = 120_000;

function isSynced(clients: readonly StormClient[], count: number): boolean {
  return clients.every((client) => client.isLive() && client.count() === count);
}

async function until(done: () => boolean, ms: number, state: () => string): Promise<void> {
  const end = performance.now() + ms;
  while (!done()) {
    if (performance.now() > end) throw new Error(`${state()} after ${ms} ms`);
    await sleep(20);
  }
}

/** The most attempts that any window of 100 ms holds, wherever it begins. */
function densestWindow(attempts: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of attempts.entries()) {
    while (at - (attempts[first] ?? at) >= WINDOW_MS) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
