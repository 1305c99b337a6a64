/**
 * `npm run dev:node`: the demo's pages by Vite, and behind them, at /holdfast, its modules on Node.
 * Both follow the sources: what the server has loaded is loaded anew when it changes.
 */
import { join } from "node:path";
import { createServer } from "vite";
import type { start as Start } from "./src/node.ts";
import { NODE_PORT } from "./vite.node.config.ts";

const vite = await createServer({ configFile: join(import.meta.dirname, "vite.node.config.ts") });

async function startServer(): ReturnType<typeof Start> {
  const { start } = (await vite.ssrLoadModule("/src/node.ts")) as { start: typeof Start };
  return start({
    port: NODE_PORT,
    dataDir: process.env["HOLDFAST_DEMO_STATE"] ?? join(import.meta.dirname, ".holdfast"),
  });
}

let running = startServer();
vite.watcher.on("change", (file) => {
  if (!vite.environments["ssr"]?.moduleGraph.getModulesByFile(file)?.size) return;
  running = running
    .then((server) => server.close())
    .then(startServer)
    .catch((error: unknown) => {
      vite.config.logger.error(`The server could not be started anew: ${String(error)}`);
      process.exit(1);
    });
});
await running;
await vite.listen();
vite.printUrls();
