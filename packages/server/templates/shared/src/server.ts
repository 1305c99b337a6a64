import { serve, staticFiles } from "@holdfast/server/node";
import { modules } from "./app.ts";

const { PORT = "8787" } = process.env;
const server = await serve({
  modules,
  port: Number(PORT),
  dataDir: "data",
  fetch: staticFiles("dist/client"),
});
console.log(`Listening at ${server.url}`);
