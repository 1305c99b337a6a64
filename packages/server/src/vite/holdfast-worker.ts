import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { findDecorated, sourcesOf } from "../config/decorated-source.ts";
import { examineEntryFacts } from "../config/examine-entry.ts";
import { findObjectClasses } from "../config/find-object-classes.ts";
import { configFor, type WorkerConfig } from "../config/worker-config.ts";
import { isLowering } from "./lower-decorators.ts";

/**
 * The configuration that Holdfast needs of a Worker, for the Cloudflare plugin: Durable Object
 * classes that the entry exports are registered, flags set, Holdfast's paths routed. Nothing of it
 * has to stand in wrangler.jsonc; what stands there is kept.
 *
 * @throws Error when the entry makes a Holdfast worker and does not export its classes as they are
 * looked for; when there are decorators, and `holdfast()` is not among the plugins
 *
 * @example
 * export default defineConfig({
 *   plugins: [holdfast(), cloudflare({ config: holdfastWorker() })],
 * });
 */
export function holdfastWorker(): (config: WorkerConfig) => void {
  return (config) => {
    completeConfig(config);
    const { main, configPath } = config;
    // All plugins are made by now.
    if (main !== undefined && !isLowering()) assertNoDecorators(dirname(configPath ?? main));
  };
}

/** Adds what is missing, in place: what is returned would be merged, and migrations must stand behind the others. */
export function completeConfig(config: WorkerConfig): void {
  const { main } = config;
  // Without an entry in a file there is nothing to read: the Cloudflare plugin says what it needs.
  if (main === undefined || !existsSync(main)) return;
  const facts = findObjectClasses(main, readFileSync(main, "utf8"));
  for (const { level, what, mend } of examineEntryFacts(facts, config)) {
    const message = `Holdfast: ${main}: ${what} ${mend}`;
    if (level === "error") throw new Error(message);
    console.warn(message);
  }
  const classes = facts.classes.map(({ name }) => name);
  Object.assign(config, configFor(config, classes));
}

/** Vite would hand them on, and the engine would say no more than that it knows no `@`. */
function assertNoDecorators(folder: string): void {
  if (!existsSync(folder)) return;
  const decorated = findDecorated(sourcesOf(folder));
  if (!decorated) return;
  throw new Error(
    `Holdfast: ${decorated.file} has decorators, which no engine runs, and nothing lowers them. Add holdfast() of "@holdfast/server/vite" to the plugins in vite.config.`,
  );
}
