import { cloudflare } from "@cloudflare/vite-plugin";
import { holdfast, holdfastWorker } from "@holdfast/server/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [holdfast(), cloudflare({ config: holdfastWorker() })],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
