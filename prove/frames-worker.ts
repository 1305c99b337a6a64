import { createWorker } from "@holdfast/server/cloudflare";
import { prototypesFingerprint } from "./prototypes.ts";
import { target } from "./target.ts";

const unlimited = 1_000_000_000;

const holdfast = createWorker({
  modules: { target },
  // The rate limit would answer `busy` before most frames are looked at.
  limits: { ratePerSecond: unlimited, rateBurst: unlimited, socketsPerPrincipal: unlimited },
  fetch: () => new Response(prototypesFingerprint()),
});

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
