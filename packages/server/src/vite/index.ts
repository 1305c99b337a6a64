import type { Plugin } from "vite";
import { lowerDecorators } from "./lower-decorators.ts";

export { holdfastConfigFile } from "./holdfast-config-file.ts";
export { holdfastWorker } from "./holdfast-worker.ts";

/**
 * What an app with systems needs of Vite, in `dev`, `build` and tests.
 *
 * @example
 * export default defineConfig({
 *   plugins: [holdfast(), react(), cloudflare({ config: holdfastWorker() })],
 * });
 */
export function holdfast(): Plugin[] {
  return [lowerDecorators()];
}
