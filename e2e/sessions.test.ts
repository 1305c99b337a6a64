import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { Workerd } from "@holdfast/testing/workerd";
import { build } from "esbuild";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
  type Response,
} from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../scripts/find-chromium.ts";
import { keptTexts } from "./support/kept-rows.ts";

const WITHIN = { timeout: 60_000, interval: 50 };
const PAGE = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>page</title><p id="draft"></p><p id="notes"></p><script type="module" src="/page.js"></script></html>`;

let browser: Browser;
let server: Workerd;
/** Another site, whose pages come from elsewhere than their state. */
let friend: Server;
let friendOrigin: string;

beforeAll(async () => {
  const script = await bundle();
  friend = createServer(({ url = "" }, response) => {
    const isScript = url.startsWith("/page.js");
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : PAGE);
  }).listen(0, "localhost");
  await once(friend, "listening");
  const address = friend.address();
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  // To browsers, "localhost" and "127.0.0.1" are sites of their own.
  friendOrigin = `http://localhost:${address.port}`;
  server = await Workerd.create({
    entry: fileURLToPath(new URL("./pages/sessions-worker.ts", import.meta.url)),
    durableObjects: ["ModuleObject"],
    define: { "process.env.NODE_ENV": '"development"', FRIEND: JSON.stringify(friendOrigin) },
    text: { PAGE, SCRIPT: script },
  });
  await server.start();
  browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
});

afterAll(async () => {
  await browser?.close();
  friend?.closeAllConnections();
  friend?.close();
  await server?.[Symbol.asyncDispose]();
});

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./pages/sessions-browser.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["holdfast-source"],
    define: { "process.env.NODE_ENV": '"development"' },
  });
  return outputFiles[0]?.text ?? "";
}

interface Tab {
  readonly page: Page;
  /** Every frame that came. */
  readonly heard: string[];
}

async function open(context: BrowserContext, url: string): Promise<Tab> {
  const page = await context.newPage();
  const heard: string[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => heard.push(String(payload)));
  });
  await page.goto(url);
  await isLive(page);
  return { page, heard };
}

async function isLive(page: Page): Promise<void> {
  await page.locator('#draft[data-status="live"]').waitFor(WITHIN);
  await page.locator('#notes[data-status="live"]').waitFor(WITHIN);
}

const state = async (page: Page, name: "draft" | "notes"): Promise<unknown> =>
  JSON.parse((await page.locator(`#${name}`).textContent()) ?? "null");

async function shows(page: Page, name: "draft" | "notes", wanted: unknown): Promise<void> {
  await expect.poll(() => state(page, name), WITHIN).toEqual(wanted);
}

/** Calls an action, and resolves with what becomes of it. */
function act(
  page: Page,
  name: "draft" | "notes",
  action: "add" | "login",
  payload: string | null,
): Promise<string> {
  return page.evaluate(
    (call) =>
      (globalThis as unknown as { act: (...call: unknown[]) => Promise<string> }).act(...call),
    [name, action, payload],
  );
}

const urlOn = (where: string): string =>
  where === "its own site" ? server.url : `${friendOrigin}/?host=${encodeURIComponent(server.url)}`;

/** Which session an answer gives: the principal that a cookie names, or the id of a text. */
async function sessionIn(response: Response): Promise<string | undefined> {
  const { "set-cookie": cookie } = await response.allHeaders();
  if (cookie !== undefined) return /holdfast_principal=([^;]+)/.exec(cookie)?.[1];
  // The cookie that came with the request stands.
  if (response.status() === 204) return undefined;
  // True because this is how the server answers where there is no cookie.
  return ((await response.json()) as { readonly session: string }).session.split(".")[0];
}

test.each(["its own site", "another site"])(
  "[P3] on %s tabs that are opened at the same moment, on a first visit, are of one session",
  async (where) => {
    const url = urlOn(where);
    for (let visit = 0; visit < 2; visit++) {
      const context = await browser.newContext();
      const asked: Promise<string | undefined>[] = [];
      context.on("response", (response) => {
        if (response.url().endsWith("/holdfast/session")) asked.push(sessionIn(response));
      });
      const pages = await Promise.all([1, 2, 3].map(() => context.newPage()));
      await Promise.all(pages.map((page) => page.goto(url)));
      await Promise.all(pages.map(isLive));
      const given = (await Promise.all(asked)).filter((one) => one !== undefined);
      expect(asked).toHaveLength(pages.length);
      expect(new Set(given).size).toBe(1);
      await context.close();
    }
  },
);

test("[G10] [G15] [G18] a page of another site has a session of its own, as a text that it keeps, over reloads and a kill", async () => {
  const url = `${friendOrigin}/?host=${encodeURIComponent(server.url)}`;
  const [mine, stranger] = await Promise.all([browser.newContext(), browser.newContext()]);
  const [first, other] = await Promise.all([open(mine, url), open(stranger, url)]);
  expect(await act(first.page, "draft", "add", "my-draft")).toBe("done");
  const second = await open(mine, url);
  await shows(second.page, "draft", { lines: ["my-draft"] });
  await shows(other.page, "draft", { lines: [] });
  expect(other.heard.join()).not.toContain("my-draft");
  // No cookie would come along: there is none.
  expect(await mine.cookies(server.url)).toEqual([]);

  await server.kill();
  const late = act(second.page, "draft", "add", "written without a server");
  await server.start();
  expect(await late).toBe("done");
  await first.page.reload();
  const lines = ["my-draft", "written without a server"];
  for (const { page } of [first, second]) await shows(page, "draft", { lines });

  // On the server's own site it is somebody else, with a cookie.
  const own = await open(mine, server.url);
  await shows(own.page, "draft", { lines: [] });
  expect((await mine.cookies(server.url)).map(({ httpOnly }) => httpOnly).toSorted()).toEqual([
    false,
    true,
  ]);
  await Promise.all([mine.close(), stranger.close()]);
});

test.each(["its own site", "another site"])(
  "[G12] [G22] on %s all tabs move along; what one has queued offline is refused, and kept nowhere",
  async (where) => {
    const url = urlOn(where);
    const ann = `ann of ${where}`;
    const ben = `ben of ${where}`;
    const context = await browser.newContext();
    const [one, two] = [await open(context, url), await open(context, url)];
    expect(await act(one.page, "notes", "add", "guest-note")).toBe("done");
    expect(await act(one.page, "notes", "login", ann)).toBe("done");
    for (const { page } of [one, two])
      await shows(page, "notes", { user: ann, lines: ["guest-note"] });

    // One tab is cut off, and goes on writing; the other one switches accounts.
    const tunnel = await context.newCDPSession(two.page);
    const network = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await tunnel.send("Network.enable");
    await tunnel.send("Network.emulateNetworkConditions", { ...network, offline: true });
    await two.page.locator('#notes[data-status="offline"]').waitFor(WITHIN);
    const late = act(two.page, "notes", "add", "late-note");
    const before = one.heard.length;
    expect(await act(one.page, "notes", "login", ben)).toBe("done");
    await shows(one.page, "notes", { user: ben, lines: [] });
    expect(one.heard.slice(before).join()).not.toContain("guest-note");
    await tunnel.send("Network.emulateNetworkConditions", { ...network, offline: false });
    expect(await late).toBe("KEY_CHANGED");
    await shows(two.page, "notes", { user: ben, lines: [] });
    await expect.poll(() => keptTexts(two.page), WITHIN).not.toContain("note");

    await server.kill();
    await server.start();
    await isLive(one.page);
    expect(await act(one.page, "notes", "login", ann)).toBe("done");
    for (const { page } of [one, two])
      await shows(page, "notes", { user: ann, lines: ["guest-note"] });
    await context.close();
  },
);
