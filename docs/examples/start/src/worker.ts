// src/worker.ts
import { createWorker } from "@holdfast/server/cloudflare";
import { modules } from "./app.ts";

const holdfast = createWorker({ modules });
export const ModuleObject = holdfast.ModuleObject; // hosts every module
export default holdfast;
