/**
 * `npm run preview:node`: the built demo on Node, everything in one folder. Where and on which port is
 * said by HOLDFAST_DEMO_STATE and PORT.
 */
import { join } from "node:path";
import type { start as Start } from "./src/node.ts";

const built = join(import.meta.dirname, "dist/node/node.js");
// What `vite build --config vite.node.config.ts` has made of src/node.ts.
const { start } = (await import(built)) as { start: typeof Start };
const server = await start({
  pages: join(import.meta.dirname, "dist/client"),
  port: Number(process.env["PORT"] ?? 8787),
  dataDir: process.env["HOLDFAST_DEMO_STATE"] ?? join(import.meta.dirname, ".holdfast"),
});
console.log(`The demo, on Node: ${server.url}`);
