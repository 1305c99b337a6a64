import { createWorker } from "@holdfast/server/cloudflare";
import { ledger, LEDGER_LIMITS } from "./ledger-module.ts";

const holdfast = createWorker({ modules: { ledger }, limits: LEDGER_LIMITS });

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
