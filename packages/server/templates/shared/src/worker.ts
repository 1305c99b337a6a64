import { createWorker } from "@holdfast/server/cloudflare";
import { modules } from "./app.ts";

const holdfast = createWorker({ modules });

export const ModuleObject = holdfast.ModuleObject;
export default holdfast;
