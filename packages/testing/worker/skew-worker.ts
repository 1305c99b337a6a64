import { createWorker, type HoldfastWorker } from "@holdfast/server/cloudflare";
import { modules } from "./skew-app.ts";

// Nobody is slowed down: what is looked at is what comes out.
const limits = { ratePerSecond: 1e9, rateBurst: 1e9 };
const holdfast: HoldfastWorker<unknown, typeof modules> = createWorker({ modules, limits });

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
