import { serve, staticFiles } from "@holdfast/server/node";
import { modules } from "./app.ts";

const server = await serve({ modules, dataDir: "data", fetch: staticFiles("dist/client") });
console.log(`Listening at ${server.url}`);
