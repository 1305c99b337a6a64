import { type Client, createClient, optimism, streams } from "@holdfast/client";
import { testApp, type TestApp, type TestPage } from "@holdfast/server/testing";
import { type App, modules } from "./app.ts";

/** The demo's modules, as they run in production, with a network and a clock of the test's. */
export function startDemo(
  options: { readonly hibernates?: boolean } = {},
): TestApp<typeof modules> {
  return testApp({ modules, ...options });
}

export function open(page: TestPage): Client<App> {
  return createClient<App>({ ...page.options, optimism, streams });
}

/** As a component does it: who is not looked at is closed after a moment. */
export function watched<Handle extends { subscribe(listener: () => void): () => void }>(
  handle: Handle,
): Handle {
  handle.subscribe(() => {});
  return handle;
}
