import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type { framesInProcess } from "./frames-in-process.ts";
import type { isolation } from "./isolation.ts";
import { huntByTest } from "./hunt-by-test.ts";
import { kill } from "./kill.ts";
import type { findBreaches } from "./mutant-scenario.ts";
import type { findInUpdates } from "./mutant-updates.ts";
import type { WorldHunt } from "./mutant-world.ts";
import type { Hunter, Mutant } from "./mutant.ts";
import { type Edit, plant } from "./plant.ts";
import type { rooms } from "./rooms.ts";
import type { playStreams } from "./streams-history.ts";
import type { wal } from "./wal.ts";

const QUIET = { seed: 1, short: true, progress: () => undefined };
/** A bug that some of so many histories do not find is too well hidden. */
const WORLD: WorldHunt = { seed: 1, most: 100 };
const STREAM_HISTORIES = 400;
/** A planted bug may make something go round for ever; no history takes a tenth of this. */
const HISTORY_MS = 20_000;
const UPDATE_HISTORIES = 150;

/** What is found with the mutant's bug planted. */
export async function hunt(mutant: Mutant): Promise<readonly string[]> {
  return HUNTERS[mutant.hunter](mutant.edits, mutant);
}

type Hunt = (edits: readonly Edit[], mutant: Mutant) => Promise<readonly string[]>;

const HUNTERS: Record<Hunter, Hunt> = {
  crashes: (edits) => findBreachesWith(edits),
  frames: (edits) =>
    withModule<{ framesInProcess: typeof framesInProcess }>(
      "./frames-in-process.ts",
      edits,
      async (proof) => proof.framesInProcess({ ...QUIET, n: 2_000 }).failures,
    ),
  isolation: (edits) =>
    withModule<{ isolation: typeof isolation }>(
      "./isolation.ts",
      edits,
      async (proof) => (await proof.isolation({ ...QUIET, n: 8_000 })).failures,
    ),
  rooms: (edits) =>
    withModule<{ rooms: typeof rooms }>(
      "./rooms.ts",
      edits,
      async (proof) => (await proof.rooms({ ...QUIET, n: 100 })).failures,
    ),
  streams: (edits) =>
    withModule<{ playStreams: typeof playStreams }>("./streams-history.ts", edits, (proof) =>
      firstBreach(proof.playStreams),
    ),
  wal: (edits) =>
    withModule<{ wal: typeof wal }>(
      "./wal.ts",
      edits,
      async (proof) => (await proof.wal({ ...QUIET, n: 200 })).failures,
    ),
  world: findInWorldWith,
  leaks: findLeaksWith,
  updates: (edits) =>
    withModule<{ findInUpdates: typeof findInUpdates }>(
      "./mutant-updates.ts",
      edits,
      async (histories) => histories.findInUpdates(UPDATE_HISTORIES),
    ),
  test: async (edits, { name, test }) => {
    if (!test) throw new Error(`No test is named to find "${name}".`);
    return huntByTest(test, edits);
  },
  kill: async (edits) => (await kill({ ...QUIET, n: 10 }, edits)).failures,
  "kill on Node": async (edits) => {
    return (await kill({ ...QUIET, n: 10, target: "node" }, edits)).failures;
  },
};

/** What crashes and failures at every durable step break on the sources with `edits` made. */
export async function findBreachesWith(edits: readonly Edit[]): Promise<readonly string[]> {
  return withModule<{ findBreaches: typeof findBreaches }>(
    "./mutant-scenario.ts",
    edits,
    (scenario) => scenario.findBreaches(),
  );
}

/** What the first histories of the deterministic world break on the sources with `edits` made. */
export async function findInWorldWith(edits: readonly Edit[]): Promise<readonly string[]> {
  return withBundle("./mutant-world.ts", edits, inThread);
}

/** What the first histories of logins leak or lose on the sources with `edits` made. */
export async function findLeaksWith(edits: readonly Edit[]): Promise<readonly string[]> {
  return withBundle("./mutant-leaks.ts", edits, inThread);
}

async function firstBreach(play: typeof playStreams): Promise<readonly string[]> {
  for (let seed = 1; seed <= STREAM_HISTORIES; seed++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- The first one is enough.
      await play(seed);
    } catch (error) {
      return [String(error)];
    }
  }
  return [];
}

async function inThread(file: string): Promise<readonly string[]> {
  const worker = new Worker(file, { workerData: WORLD });
  try {
    return await new Promise((resolve, reject) => {
      const endless = setTimeout(() => resolve(["a history does not end"]), HISTORY_MS);
      worker.on("message", (message: "alive" | readonly string[]) => {
        if (message === "alive") return endless.refresh();
        clearTimeout(endless);
        return resolve(message);
      });
      worker.once("error", reject);
    });
  } finally {
    await worker.terminate();
  }
}

async function withModule<Exports>(
  entry: string,
  edits: readonly Edit[],
  use: (exports: Exports) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  // The bundle exports what its entry exports.
  return withBundle(entry, edits, async (file) =>
    use((await import(pathToFileURL(file).href)) as Exports),
  );
}

/** Bundles a file of this folder with `edits` made in its sources. */
async function withBundle(
  entry: string,
  edits: readonly Edit[],
  use: (file: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-mutant-"));
  try {
    const outfile = join(folder, "bundle.mjs");
    await build({
      entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
      bundle: true,
      outfile,
      format: "esm",
      platform: "node",
      target: "node24",
      conditions: ["holdfast-source"],
      plugins: [plant(edits)],
      logLevel: "silent",
    });
    return await use(outfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
