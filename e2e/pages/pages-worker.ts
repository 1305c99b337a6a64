import { createWorker, type HoldfastWorker } from "@holdfast/server/cloudflare";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { modules } from "./app.ts";
import { Page } from "./react-page.ts";

interface Env {
  /** The scripts of the pages, as text. */
  readonly REACT: string;
  readonly PREACT: string;
}

const holdfast: HoldfastWorker<Env, typeof modules> = createWorker<Env, typeof modules>({
  modules,
  fetch: async (request, env) => {
    switch (new URL(request.url).pathname) {
      case "/react": {
        const snapshot = await holdfast.createSnapshot(env, request, "counter");
        return page(renderToString(createElement(Page, { snapshot })), "react.js", snapshot);
      }
      case "/preact":
        return page("", "preact.js", "");
      case "/react.js":
        return script(env.REACT);
      case "/preact.js":
        return script(env.PREACT);
    }
    return new Response(null, { status: 404 });
  },
});

export const ModuleObject: typeof holdfast.ModuleObject = holdfast.ModuleObject;
export default holdfast;

function page(html: string, source: string, snapshot: string): Response {
  // Text inside of a script ends at the first `</script`, whoever has written that.
  const json = JSON.stringify(snapshot).replaceAll("<", "\\u003c");
  return new Response(
    `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>page</title><div id="root">${html}</div><script id="snapshot" type="application/json">${json}</script><script type="module" src="/${source}"></script></html>`,
    { headers: { "Content-Type": "text/html" } },
  );
}

function script(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "text/javascript" } });
}
