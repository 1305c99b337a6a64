import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { holdfast, holdfastConfigFile } from "@holdfast/server/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [holdfast(), cloudflareTest({ wrangler: { configPath: holdfastConfigFile() } })],
});
