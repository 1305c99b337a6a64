import { cloudflare } from "@cloudflare/vite-plugin";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";
// Inside this repository; an app imports "@holdfast/server/vite".
import { holdfast, holdfastWorker } from "../packages/server/src/vite/index.ts";

// No telemetry and no look-ups: the demo runs without a network.
process.env["WRANGLER_SEND_METRICS"] ??= "false";
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";

// Inside this repository, Holdfast's sources are used as they are; an app has no such line.
const SOURCES = "holdfast-source";

export default defineConfig({
  plugins: [
    holdfast(),
    react(),
    cloudflare({ config: holdfastWorker(), persistState: persistState() }),
  ],
  resolve: { conditions: [SOURCES, ...defaultClientConditions] },
  environments: { holdfast_demo: { resolve: { conditions: [SOURCES] } } },
  // Tests do not wait for a minute.
  define: { EPHEMERAL_MS: process.env["HOLDFAST_DEMO_EPHEMERAL_MS"] ?? "undefined" },
  optimizeDeps: { include: ["react", "react-dom/client", "react/jsx-runtime"] },
});

/** Where the state is kept: in .wrangler/state, or where HOLDFAST_DEMO_STATE says. */
function persistState(): boolean | { path: string } {
  const path = process.env["HOLDFAST_DEMO_STATE"];
  return path ? { path } : true;
}
