import { existsSync, readFileSync } from "node:fs";
import { findObjectClasses } from "../config/find-object-classes.ts";
import { configFor, type WorkerConfig } from "../config/worker-config.ts";

/**
 * The configuration that Holdfast needs of a Worker, for the Cloudflare plugin: Durable Object
 * classes that the entry exports are registered, flags set, Holdfast's paths routed. Nothing of it
 * has to stand in wrangler.jsonc; what stands there is kept.
 *
 * @throws Error when the entry makes a Holdfast worker and does not export its class
 *
 * @example
 * export default defineConfig({
 *   plugins: [holdfast(), cloudflare({ config: holdfastWorker() })],
 * });
 */
export function holdfastWorker(): (config: WorkerConfig) => void {
  return (config) => {
    const { main } = config;
    // Without an entry in a file there is nothing to read: the Cloudflare plugin says what it needs.
    if (main === undefined || !existsSync(main)) return;
    const { classes, makesWorker } = findObjectClasses(main, readFileSync(main, "utf8"));
    if (makesWorker && classes.length === 0) {
      throw new Error(
        `Holdfast: ${main} makes a worker with createWorker(), and does not export its class. Add: export const ModuleObject = holdfast.ModuleObject;`,
      );
    }
    // In place: what is returned would be merged, and migrations must stand behind the others.
    Object.assign(config, configFor(config, classes));
  };
}
