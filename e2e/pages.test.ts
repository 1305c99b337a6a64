import { fileURLToPath } from "node:url";
import { Workerd } from "@holdfast/testing/workerd";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM_FLAGS, requireChromium } from "../scripts/find-chromium.ts";

const WITHIN = { timeout: 60_000, interval: 50 };
let browser: Browser;
let server: Workerd;

beforeAll(async () => {
  const [REACT, PREACT] = await Promise.all(["react", "preact"].map(bundle));
  server = await Workerd.create({
    entry: fileURLToPath(new URL("./pages/pages-worker.ts", import.meta.url)),
    durableObjects: ["ModuleObject"],
    define: { "process.env.NODE_ENV": '"development"' },
    text: { REACT: REACT ?? "", PREACT: PREACT ?? "" },
  });
  await server.start();
  browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

function bundle(framework: string): Promise<string> {
  return build({
    entryPoints: [fileURLToPath(new URL(`./pages/${framework}-browser.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["holdfast-source"],
    define: { "process.env.NODE_ENV": '"development"' },
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
}

/** A page of another person, with what went wrong in it, and what its socket brought. */
async function open(path: string): Promise<{ page: Page; problems: string[]; frames: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const problems: string[] = [];
  const frames: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => frames.push(String(payload)));
  });
  await page.goto(server.url + path);
  return { page, problems, frames };
}

const button = (page: Page) => page.locator("button").first();
const live = (page: Page) => page.locator('main[data-status="live"]').waitFor();

async function shows(page: Page, count: number): Promise<void> {
  await expect.poll(() => button(page).textContent(), WITHIN).toBe(`pressed ${count}`);
  await expect.poll(() => page.locator("main").getAttribute("data-pending"), WITHIN).toBe("0");
}

test("[G2] [G7] a page of Preact works against the real server, over its restart, and sees who is there", async () => {
  const [ann, ben] = await Promise.all([open("/preact#ann"), open("/preact#ben")]);
  await Promise.all([live(ann.page), live(ben.page)]);
  await expect.poll(() => ann.page.locator("p").textContent(), WITHIN).toBe("ben");
  await expect.poll(() => ben.page.locator("p").textContent(), WITHIN).toBe("ann");
  for (let pressed = 0; pressed < 3; pressed++) await button(ann.page).click();
  await ben.page.getByText("ten").click();
  await Promise.all([shows(ann.page, 13), shows(ben.page, 13)]);
  expect([...ann.problems, ...ben.problems]).toEqual([]);
  await server.kill();
  await button(ann.page).click();
  await server.start();
  await Promise.all([shows(ann.page, 14), shows(ben.page, 14)]);
  await ben.page.context().close();
  await expect.poll(() => ann.page.locator("p").textContent(), WITHIN).toBe("");
  await ann.page.context().close();
});

test("[G9] a page that the Worker has rendered hydrates without a difference, and is given patches only", async () => {
  const other = await open("/preact");
  await live(other.page);
  await button(other.page).click();
  await expect.poll(() => button(other.page).textContent(), WITHIN).toMatch(/pressed \d+/);
  const count = Number((await button(other.page).textContent())?.split(" ")[1]);
  const html = await (await fetch(`${server.url}/react`)).text();
  expect(html).toContain(`<button>pressed ${count}</button>`);
  const { page, problems, frames } = await open("/react");
  await live(page);
  await shows(page, count);
  await button(page).click();
  await Promise.all([shows(page, count + 1), shows(other.page, count + 1)]);
  expect(problems).toEqual([]);
  expect(frames[0]).toContain('"resume"');
  expect(frames.join()).not.toContain('"snapshot"');
  await Promise.all([page.context().close(), other.page.context().close()]);
});
