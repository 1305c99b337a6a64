import { createWorker } from "@holdfast/server/cloudflare";
import { modules } from "./app.ts";

/** How long settings outlive the last tab of a browser; `undefined`: a minute. Set when it is built. */
declare const EPHEMERAL_MS: number | undefined;

const holdfast = createWorker({
  modules,
  ...(EPHEMERAL_MS !== undefined && { limits: { ephemeralMs: EPHEMERAL_MS } }),
});

export const ModuleObject = holdfast.ModuleObject;
export default holdfast;
