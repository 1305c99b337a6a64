import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type * as holdfast from "@holdfast/client";
import { CURRENT, keptBuilds, serves, type SkewBuild } from "@holdfast/testing/skew/builds";
import { Workerd } from "@holdfast/testing/workerd";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../scripts/find-chromium.ts";
import { keptRows } from "./support/kept-rows.ts";

const WITHIN = { timeout: 60_000, interval: 50 };
const KEPT = (await keptBuilds()).filter((kept) => serves(CURRENT, kept));
/** A page is loaded again, and is of another age: the newer one after a deploy, the older one after one was taken back. */
const PAIRS = KEPT.flatMap((kept) => [
  { before: kept, after: CURRENT },
  { before: CURRENT, after: kept },
]).map((pair) => ({ ...pair, what: `${pair.before.name}, then ${pair.after.name}` }));

let browser: Browser;
let server: Workerd;

beforeAll(async () => {
  server = await Workerd.create({ entry: CURRENT.worker, durableObjects: ["ModuleObject"] });
  browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

test.each(PAIRS)(
  "[G2] [G12] [G20] what a page has kept is shown by the next one at once, and sent once: $what",
  async ({ before, after, what }) => {
    await server.start();
    const context = await browser.newContext();
    const first = await visit(context, before, what);
    await expect.poll(() => shown(first), WITHIN).toMatchObject({ status: "live", count: 0 });
    await add(first, 1);
    await expect.poll(() => keptRows(first, "snapshots"), WITHIN).toContain('"count":1');
    await server.kill();
    void add(first, 10).catch(() => undefined);
    await expect.poll(() => keptRows(first, "actions"), WITHIN).toContain('"add"');
    await first.close();

    const next = await visit(context, after, what);
    await expect.poll(() => shown(next), WITHIN).toMatchObject({ count: 11, pending: 1 });
    await server.start();
    await expect.poll(() => shown(next), WITHIN).toEqual({ status: "live", count: 11, pending: 0 });
    await expect.poll(() => keptRows(next, "actions"), WITHIN).toBe("[]");
    const stranger = await visit(await browser.newContext(), CURRENT, what);
    await expect.poll(() => shown(stranger), WITHIN).toMatchObject({ count: 11 });
    await Promise.all([context.close(), stranger.context().close()]);
    await server.kill();
  },
);

/** What a page has in its hands. */
interface Visited {
  readonly board: {
    getSnapshot(): {
      readonly state: { readonly count: number } | undefined;
      readonly status: string;
      readonly pending: number;
    };
  };
  readonly actions: { readonly add: (by: number) => Promise<unknown> };
}

interface Opener {
  persistedModule(
    name: string,
    key: string,
  ): Visited["board"] & {
    subscribe(listener: () => void): () => void;
    optimistic(reducers: () => object): Visited["actions"];
  };
}

/** A page of the server's origin; it comes also where the server does not. */
async function visit(context: BrowserContext, client: SkewBuild, key: string): Promise<Page> {
  const page = await context.newPage();
  const code = await bundle(client);
  await page.route("**/client.mjs", (route) =>
    route.fulfill({ contentType: "text/javascript", body: code }),
  );
  await page.route("**/page", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>page</title>" }),
  );
  await page.goto(`${server.url}/page`);
  await page.evaluate(async (key) => {
    const source = "/client.mjs";
    // True because that is what is served there, whatever its age.
    const { createClient, optimism, persistence } = (await import(source)) as typeof holdfast;
    const client = createClient({ optimism, persistence, warnBeforeUnload: false });
    // True because every build has it, and the app has such a module.
    const board = (client as unknown as Opener).persistedModule("board", key);
    board.subscribe(() => undefined);
    const reducers = { add: (draft: { count: number }, by: number) => void (draft.count += by) };
    Object.assign(globalThis, { board, actions: board.optimistic(() => reducers) });
  }, key);
  return page;
}

function shown(
  page: Page,
): Promise<{ status: string; count: number | undefined; pending: number }> {
  return page.evaluate(() => {
    const { state, status, pending } = (globalThis as unknown as Visited).board.getSnapshot();
    return { status, count: state?.count, pending };
  });
}

function add(page: Page, by: number): Promise<unknown> {
  return page.evaluate((by) => (globalThis as unknown as Visited).actions.add(by), by);
}

async function bundle(client: SkewBuild): Promise<string> {
  if (client.bundle !== undefined) return readFile(client.bundle, "utf8");
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from "@holdfast/client";`,
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
    },
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["holdfast-source"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0]?.text ?? "";
}
