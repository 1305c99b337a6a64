import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { findDecorated, sourcesOf } from "../config/decorated-source.ts";
import { findObjectClasses } from "../config/find-object-classes.ts";
import { configFor, type WorkerConfig } from "../config/worker-config.ts";
import { isLowering } from "./lower-decorators.ts";

/**
 * The configuration that Holdfast needs of a Worker, for the Cloudflare plugin: Durable Object
 * classes that the entry exports are registered, flags set, Holdfast's paths routed. Nothing of it
 * has to stand in wrangler.jsonc; what stands there is kept.
 *
 * @throws Error when the entry makes a Holdfast worker and does not export its class; when there are
 * decorators, and `holdfast()` is not among the plugins
 *
 * @example
 * export default defineConfig({
 *   plugins: [holdfast(), cloudflare({ config: holdfastWorker() })],
 * });
 */
export function holdfastWorker(): (config: WorkerConfig) => void {
  return (config) => {
    const { main, configPath } = config;
    // Without an entry in a file there is nothing to read: the Cloudflare plugin says what it needs.
    if (main === undefined || !existsSync(main)) return;
    const { classes, makesWorker } = findObjectClasses(main, readFileSync(main, "utf8"));
    if (makesWorker && classes.length === 0) {
      throw new Error(
        `Holdfast: ${main} makes a worker with createWorker(), and does not export its class. Add: export const ModuleObject = holdfast.ModuleObject;`,
      );
    }
    if (!isLowering()) assertNoDecorators(dirname(configPath ?? main));
    // In place: what is returned would be merged, and migrations must stand behind the others.
    Object.assign(config, configFor(config, classes));
  };
}

/** Vite would hand them on, and the engine would say no more than that it knows no `@`. */
function assertNoDecorators(folder: string): void {
  const decorated = findDecorated(sourcesOf(folder));
  if (!decorated) return;
  throw new Error(
    `Holdfast: ${decorated.file} has decorators, which no engine runs, and nothing lowers them. Add holdfast() of "@holdfast/server/vite" to the plugins in vite.config.`,
  );
}
