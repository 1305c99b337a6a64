import { serve } from "@holdfast/server/node";
import { ledger, LEDGER_LIMITS } from "./ledger-module.ts";

const [dataDir = "", port = "0"] = process.argv.slice(2);

serve({ modules: { ledger }, limits: LEDGER_LIMITS, dataDir, port: Number(port) }).then(
  (server) => console.log(`listening ${server.port}`),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
