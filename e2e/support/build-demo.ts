import { join, resolve } from "node:path";
import { run } from "../../scripts/run.ts";

/** In the demo as it is tested, ephemeral state goes so long after the last connection. */
export const EPHEMERAL_MS = 10_000;

const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Vitest runs it once, before the first end-to-end test: they serve the demo as it is deployed, on
 * Cloudflare and on Node.
 */
export default async function buildDemo(): Promise<void> {
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  // Vitest's own mode would build React's development version.
  const env = { NODE_ENV: "production", HOLDFAST_DEMO_EPHEMERAL_MS: String(EPHEMERAL_MS) };
  const cwd = join(ROOT, "demo");
  const build = [vite, "build", "--logLevel", "warn"];
  await run(process.execPath, build, { cwd, env });
  await run(process.execPath, [...build, "--config", "vite.node.config.ts"], { cwd, env });
}
