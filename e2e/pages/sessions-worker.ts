import { createWorker, type HoldfastWorker } from "@holdfast/server/cloudflare";
import { modules } from "./sessions-app.ts";

/** The origin of the other site whose pages may come; put in when the worker is bundled. */
declare const FRIEND: string;

interface Env {
  /** The page and its script, as text. */
  readonly PAGE: string;
  readonly SCRIPT: string;
}

const holdfast: HoldfastWorker<Env, typeof modules> = createWorker<Env, typeof modules>({
  modules,
  allowedOrigins: [FRIEND],
  fetch: async (request, env) => {
    const isScript = new URL(request.url).pathname === "/page.js";
    const headers = { "Content-Type": isScript ? "text/javascript" : "text/html" };
    return new Response(isScript ? env.SCRIPT : env.PAGE, { headers });
  },
});

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;
