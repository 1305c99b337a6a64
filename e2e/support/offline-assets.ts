import type { BrowserContext, Route } from "playwright-core";

/**
 * Keeps what the page is made of, as a service worker would, so that it loads without its server.
 * What Holdfast itself asks for is not kept.
 */
export async function keepAssets(context: BrowserContext): Promise<void> {
  const kept = new Map<string, Awaited<ReturnType<Route["fetch"]>>>();
  await context.route(
    (url) => !url.pathname.startsWith("/holdfast/"),
    async (route) => {
      const url = route.request().url();
      const known = kept.get(url);
      if (known) return route.fulfill({ response: known });
      const response = await route.fetch();
      kept.set(url, response);
      await route.fulfill({ response });
    },
  );
}
