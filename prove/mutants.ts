import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { framesInProcess } from "./frames-in-process.ts";
import type { isolation } from "./isolation.ts";
import { ISOLATION_MUTANTS } from "./isolation-mutants.ts";
import { kill } from "./kill.ts";
import { type Mutant, MUTANTS } from "./mutant-list.ts";
import type { findBreaches } from "./mutant-scenario.ts";
import { type Edit, plant } from "./plant.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/**
 * Plants each of the bugs that the engine is built to exclude, and expects it to be found: a proof
 * that finds nothing with a bug in place proves nothing without one.
 *
 * `n` is not used: every bug is planted once.
 */
export async function mutants(options: ProofOptions): Promise<ProofReport> {
  const failures: string[] = [];
  for (const breach of await findBreachesWith([])) {
    failures.push(`without any planted bug: ${breach}`);
  }
  let found = 0;
  for (const mutant of ALL) {
    const [breach] = await hunt(mutant);
    options.progress(`${mutant.name}: ${breach ?? "NOT FOUND"}`);
    if (breach !== undefined) found++;
    else failures.push(`${mutant.name}: nobody noticed`);
  }
  return {
    name: "mutants",
    passed: failures.length === 0,
    figures: { "bugs planted": ALL.length, "bugs found": found },
    failures,
  };
}

const ALL: readonly Mutant[] = [...MUTANTS, ...ISOLATION_MUTANTS];

/** What is found with the mutant's bug planted. */
export async function hunt({ edits, hunter }: Mutant): Promise<readonly string[]> {
  switch (hunter) {
    case "crashes":
      return findBreachesWith(edits);
    case "frames":
      return framesFoundWith(edits);
    case "isolation":
      return isolationFoundWith(edits);
    case "kill":
      return (await kill({ ...QUIET, n: 10 }, edits)).failures;
  }
}

const QUIET = { seed: 1, short: true, progress: () => undefined };

/** What crashes and failures at every durable step break on the sources with `edits` made. */
export async function findBreachesWith(edits: readonly Edit[]): Promise<string[]> {
  // The types of the file that is bundled.
  return withBundle<{ findBreaches: typeof findBreaches }, string[]>(
    "./mutant-scenario.ts",
    edits,
    (scenario) => scenario.findBreaches(),
  );
}

async function framesFoundWith(edits: readonly Edit[]): Promise<string[]> {
  return withBundle<{ framesInProcess: typeof framesInProcess }, string[]>(
    "./frames-in-process.ts",
    edits,
    async (proof) => proof.framesInProcess({ ...QUIET, n: 2_000 }).failures,
  );
}

async function isolationFoundWith(edits: readonly Edit[]): Promise<string[]> {
  return withBundle<{ isolation: typeof isolation }, string[]>(
    "./isolation.ts",
    edits,
    async (proof) => (await proof.isolation({ ...QUIET, n: 8_000 })).failures,
  );
}

/** Bundles a file of this folder with `edits` made in its sources, and runs it in this process. */
async function withBundle<Exports, Result>(
  entry: string,
  edits: readonly Edit[],
  use: (exports: Exports) => Promise<Result>,
): Promise<Result> {
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
    // The bundle exports what its entry exports.
    return await use((await import(pathToFileURL(outfile).href)) as Exports);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
