import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "jsonc-parser";
import type { WorkerConfig } from "../config/worker-config.ts";
import { completeConfig } from "./holdfast-worker.ts";

/** Settings that are paths, relative to the file that they stand in. */
const PATHS = ["main", "tsconfig", "base_dir"] as const;

/**
 * `holdfastWorker`, for tools that take the path of a configuration and nothing else, like
 * `@cloudflare/vitest-plugin`: what the Worker's entry exports is added to a copy in `.wrangler/`.
 *
 * @param path of wrangler.jsonc
 * @returns the path of the copy
 * @throws Error when the entry makes a Holdfast worker and does not export its classes as they are
 * looked for
 *
 * @example
 * export default defineConfig({
 *   plugins: [holdfast(), cloudflareTest({ wrangler: { configPath: holdfastConfigFile() } })],
 * });
 */
export function holdfastConfigFile(path: string = "wrangler.jsonc"): string {
  const file = resolve(path);
  const folder = dirname(file);
  // The tool that reads the copy checks it all.
  const config = parse(readFileSync(file, "utf8"), [], { allowTrailingComma: true }) as Config;
  for (const name of PATHS) {
    const relative = config[name];
    if (relative !== undefined) config[name] = resolve(folder, relative);
  }
  const { assets } = config;
  if (assets?.directory !== undefined) {
    config.assets = { ...assets, directory: resolve(folder, assets.directory) };
  }
  completeConfig(config);
  const copy = join(folder, ".wrangler/holdfast/wrangler.json");
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, JSON.stringify(config, undefined, 2));
  return copy;
}

type Config = Omit<WorkerConfig, "main" | "assets"> & {
  [Path in (typeof PATHS)[number]]?: string | undefined;
} & {
  assets?: (NonNullable<WorkerConfig["assets"]> & { readonly directory?: string }) | undefined;
};
