import { createWorker, type HoldfastWorker } from "@holdfast/server/cloudflare";
import { modules } from "./app.ts";

/** Your framework's rendering: `renderToString(<TodoPage list={list} snapshot={snapshot} />)`. */
declare function render(list: string, snapshot: string): string;

const holdfast: HoldfastWorker<unknown, typeof modules> = createWorker({
  modules,
  fetch: async (request, env) => {
    const list = new URL(request.url).pathname.slice(1);
    const snapshot = await holdfast.createSnapshot(env, request, "todos", list);
    // `<` is written so that nobody's text can end the script.
    const json = JSON.stringify(snapshot).replaceAll("<", "\\u003c");
    const html = `<div id="root">${render(list, snapshot)}</div>
      <script id="snapshot" type="application/json">${json}</script>
      <script type="module" src="/app.js"></script>`;
    return new Response(html, { headers: { "Content-Type": "text/html" } });
  },
});

export const ModuleObject = holdfast.ModuleObject;
export default holdfast;
