import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tool } from "./run.ts";

/**
 * What a script has measured, kept as one JSON file for each name in a folder of the repository, so
 * that a page can be made of the latest of all.
 */
export class KeptJson<Kept> {
  readonly #folder: URL;

  constructor(folder: URL) {
    this.#folder = folder;
  }

  /** Over what was kept under the name before. */
  keep(name: string, kept: Kept): void {
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(this.#fileOf(name), `${JSON.stringify(kept, null, 2)}\n`);
  }

  /** What is kept under `names`, in their order; one that was never kept is left out. */
  all(names: readonly string[]): readonly Kept[] {
    return (
      names
        .map((name) => this.#fileOf(name))
        .filter((file) => existsSync(file))
        // Only `keep` writes these files.
        .map((file) => JSON.parse(readFileSync(file, "utf8")) as Kept)
    );
  }

  /** Writes the page that was made of it, as the formatter wants both. */
  writePage(page: URL, text: string): void {
    writeFileSync(page, text);
    execFileSync(tool("oxfmt"), [fileURLToPath(page), fileURLToPath(this.#folder)]);
  }

  #fileOf(name: string): URL {
    return new URL(`${name}.json`, this.#folder);
  }
}
