import { serve, staticFiles } from "@holdfast/server/node";
import { modules } from "./modules.ts";

const server = await serve({
  modules,
  port: 8787,
  dataDir: "data",
  fetch: staticFiles("dist/client"),
});
console.log(`Listening at ${server.url}`);
