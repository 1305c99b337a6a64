import { existsSync, readFileSync } from "node:fs";
import { examineEntryFacts } from "../config/examine-entry.ts";
import { findObjectClasses } from "../config/find-object-classes.ts";
import { configFor, type WorkerConfig } from "../config/worker-config.ts";

/**
 * The configuration that Holdfast needs of a Worker, for the Cloudflare plugin: Durable Object
 * classes that the entry exports are registered, flags set, Holdfast's paths routed. Nothing of it
 * has to stand in wrangler.jsonc; what stands there is kept.
 *
 * @throws Error when the entry makes a Holdfast worker and does not export its classes as they are
 * looked for
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
    const facts = findObjectClasses(main, readFileSync(main, "utf8"));
    for (const { level, what, mend } of examineEntryFacts(facts, config)) {
      const message = `Holdfast: ${main}: ${what} ${mend}`;
      if (level === "error") throw new Error(message);
      console.warn(message);
    }
    // In place: what is returned would be merged, and migrations must stand behind the others.
    const classes = facts.classes.map(({ name }) => name);
    Object.assign(config, configFor(config, classes));
  };
}
