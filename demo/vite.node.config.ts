import react from "@vitejs/plugin-react";
import { defaultClientConditions, defaultServerConditions, defineConfig } from "vite";
// Inside this repository; an app imports "@holdfast/server/vite".
import { holdfast } from "../packages/server/src/vite/index.ts";

/** Where the modules are while Vite serves the pages. */
export const NODE_PORT = 8788;

// Inside this repository, Holdfast's sources are used as they are; an app has no such line.
const SOURCES = "holdfast-source";

/** The demo on Node: pages as ever; what Cloudflare's plugin does otherwise is done by a proxy. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [holdfast(), react()],
  resolve: { conditions: [SOURCES, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [SOURCES, ...defaultServerConditions] } },
  server: { proxy: { "/holdfast": { target: `http://127.0.0.1:${NODE_PORT}`, ws: true } } },
  build: { ssr: "src/node.ts", outDir: "dist/node", target: "es2022", copyPublicDir: false },
});
