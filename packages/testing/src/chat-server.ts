import { serve } from "@holdfast/server/node";
import { connection } from "../worker/connections.ts";

const [dataDir = "", port = "0"] = process.argv.slice(2);

serve({
  modules: {},
  connections: { user: connection },
  // Whoever says who he is.
  authenticate: (request) => {
    const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
    return id === undefined ? null : { id };
  },
  dataDir,
  port: Number(port),
}).then(
  (server) => console.log(`listening ${server.port}`),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
