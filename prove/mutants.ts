import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { MUTANTS } from "./mutant-list.ts";
import { type Edit, plant } from "./plant.ts";
import type { ProofOptions, ProofReport } from "./report.ts";

/**
 * Plants each of the bugs that the engine is built to exclude, and expects it to be found: a
 * scenario that finds nothing with a bug in place proves nothing without one.
 *
 * `n` is not used: every bug is planted once.
 */
export async function mutants(options: ProofOptions): Promise<ProofReport> {
  const failures: string[] = [];
  const breaches = await findBreachesWith([]);
  for (const breach of breaches) failures.push(`without any planted bug: ${breach}`);
  const figures: Record<string, number | string> = { "bugs planted": MUTANTS.length };
  let found = 0;
  for (const { name, edits } of MUTANTS) {
    const seen = await findBreachesWith(edits);
    options.progress(`${name}: ${seen.length === 0 ? "NOT FOUND" : seen[0]}`);
    if (seen.length > 0) found++;
    else failures.push(`${name}: the scenario did not notice`);
  }
  figures["bugs found"] = found;
  return { name: "mutants", passed: failures.length === 0, figures, failures };
}

const SCENARIO = fileURLToPath(new URL("./mutant-scenario.ts", import.meta.url));

/** The scenario's findings on the sources with `edits` made. */
export async function findBreachesWith(edits: readonly Edit[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-mutant-"));
  try {
    const outfile = join(folder, "scenario.mjs");
    await build({
      entryPoints: [SCENARIO],
      bundle: true,
      outfile,
      format: "esm",
      platform: "node",
      target: "node24",
      conditions: ["holdfast-source"],
      plugins: [plant(edits)],
      logLevel: "silent",
    });
    // The bundle's only export.
    const { findBreaches } = (await import(pathToFileURL(outfile).href)) as {
      findBreaches: () => Promise<string[]>;
    };
    return await findBreaches();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
