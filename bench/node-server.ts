import { serve } from "@holdfast/server/node";
import { BENCH_LIMITS, doc } from "./doc-module.ts";

const [dataDir = "", port = "0"] = process.argv.slice(2);

serve({ modules: { doc }, limits: BENCH_LIMITS, dataDir, port: Number(port) }).then(
  (server) => console.log(`listening ${server.port}`),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
