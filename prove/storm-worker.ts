import { createWorker } from "@holdfast/server/cloudflare";
import { modules } from "./storm-app.ts";

const holdfast = createWorker({ modules });

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
