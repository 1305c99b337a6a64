// vite.config.ts
import { cloudflare } from "@cloudflare/vite-plugin";
import { holdfast, holdfastWorker } from "@holdfast/server/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [holdfast(), react(), cloudflare({ config: holdfastWorker() })],
});
