import { type HoldfastServer, serve } from "@holdfast/server/node";
import { modules } from "./modules.ts";

/** The app's own: its components as markup. */
declare function render(snapshot: string): string;

const server: HoldfastServer<typeof modules> = await serve({
  modules,
  fetch: async (request) => {
    const snapshot = await server.createSnapshot(request, "counter");
    // `<` is written so that nobody's text can end the script.
    const json = JSON.stringify(snapshot).replaceAll("<", "\\u003c");
    const html = `<div id="root">${render(snapshot)}</div>
      <script id="snapshot" type="application/json">${json}</script>`;
    return new Response(html, { headers: { "Content-Type": "text/html" } });
  },
});
