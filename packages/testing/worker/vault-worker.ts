import { createWorker } from "@holdfast/server/cloudflare";
import { modules } from "./vault.ts";

const holdfast = createWorker({
  modules,
  /** Fills the instance `old`, to the size in the body. */
  fetch: async (request, env) => {
    await holdfast.instance(env, "vault", "old").actions.fill(Number(await request.text()));
    return new Response("filled");
  },
});

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
