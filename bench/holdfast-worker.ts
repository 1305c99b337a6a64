import { createWorker } from "@holdfast/server/cloudflare";
import { BENCH_LIMITS, doc } from "./doc-module.ts";
import { SqlCounter } from "./sql-counter-worker.ts";
import { talk } from "./talk-module.ts";

const counter = new SqlCounter();
let constructed = 0;

const holdfast = createWorker<Env>({
  modules: { doc, talk },
  limits: BENCH_LIMITS,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/constructed") return Response.json({ constructed });
    if (pathname === "/sql") return Response.json(counter.take());
    return new Response("nothing here", { status: 404 });
  },
});

interface Env {
  /** `"1"`: count rows. Off while time is measured. */
  readonly COUNT_SQL?: string;
}

export class ModuleObject extends holdfast.ModuleObject {
  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    constructed++;
    if (env.COUNT_SQL === "1") counter.attach(context.storage);
  }
}

export default holdfast;
