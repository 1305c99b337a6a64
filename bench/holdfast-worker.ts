import { app, durableObjectStore, emptyStream, named } from "@holdfast/server";
import { createWorker } from "@holdfast/server/cloudflare";
import { benchItem, type BenchState, itemKey } from "./bench-state.ts";
import { SqlCounter } from "./sql-counter-worker.ts";

const initial: BenchState = { items: {} };

const doc = app
  .defineState(initial)
  .persist(durableObjectStore(named()))
  .onAction("fill", ({ state }, { from, to }: { from: number; to: number }) => {
    for (let index = from; index < to; index++) state.items[itemKey(index)] = benchItem(index);
  })
  .onAction("edit", ({ state }, key: string) => {
    const item = state.items[key];
    if (item === undefined) throw new Error(`no item ${key}`);
    item.edits++;
  })
  .build();

const talk = app
  .defineState({ reply: emptyStream() })
  .persist(durableObjectStore(named()))
  .onAction("tell", async ({ stream }, { tokens, perSecond, token }: Telling) => {
    const reply = stream("reply");
    reply.reset();
    const started = Date.now();
    for (let told = 0; told < tokens;) {
      // oxlint-disable-next-line no-await-in-loop -- As a model's answer comes: a little at a time.
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const due = Math.min(tokens, Math.floor(((Date.now() - started) * perSecond) / 1000));
      for (; told < due; told++) reply.append(token);
    }
  })
  .build();

interface Telling {
  readonly tokens: number;
  readonly perSecond: number;
  readonly token: string;
}

const TICK_MS = 5;
const unlimited = 1_000_000_000;
const counter = new SqlCounter();
let constructed = 0;

const holdfast = createWorker<Env>({
  modules: { doc, talk },
  // L has no limits; a benchmark of ours against it may not run into one.
  limits: { ratePerSecond: unlimited, rateBurst: unlimited, socketsPerPrincipal: unlimited },
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
