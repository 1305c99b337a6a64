import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { KeptFigures } from "./report.ts";

const FOLDER = new URL("./figures/", import.meta.url);

/** Writes a benchmark's figures to `bench/figures/<name>.json`, over those of the time before. */
export function keepFigures(name: string, kept: KeptFigures): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(kept, null, 2)}\n`);
}

/** What is kept of the benchmarks `names`, in their order; one that was never written is left out. */
export function keptFigures(names: readonly string[]): readonly KeptFigures[] {
  return (
    names
      .map((name) => fileOf(name))
      .filter((file) => existsSync(file))
      // Only keepFigures writes these files.
      .map((file) => JSON.parse(readFileSync(file, "utf8")) as KeptFigures)
  );
}

function fileOf(name: string): URL {
  return new URL(`${name}.json`, FOLDER);
}
