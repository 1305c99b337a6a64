import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM_FLAGS, requireChromium } from "./find-chromium.ts";

/** Machines are busy. */
const PATIENCE_MS = 60_000;

/** How the app is served: from its sources, as it was built, or as it was built and by Node. */
export interface Served {
  readonly name: string;
  readonly program: readonly string[];
}

/**
 * Drives an app that `holdfast init` has written, in two windows of different browsers: what is added in
 * one is in the other; and again once the server was killed and has come back.
 */
export async function driveStarter(app: string, { name, program }: Served): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
  let server = await start(app, program, port);
  try {
    const one = await openWindow(browser, url);
    const other = await openWindow(browser, url);
    // Which server it is kept on is the same from run to run.
    const [bread, butter] = [`bread, ${name}`, `butter, ${name}`];
    await add(one, bread);
    await item(other, bread).click();
    await one.locator("s", { hasText: bread }).waitFor({ timeout: PATIENCE_MS });
    await kill(server);
    server = await start(app, program, port);
    await add(other, butter);
    await item(one, butter).waitFor({ timeout: PATIENCE_MS });
    await one.reload();
    await one.locator("s", { hasText: bread }).waitFor({ timeout: PATIENCE_MS });
    await one.getByRole("button", { name: "Clear what is done" }).click();
    await item(other, bread).waitFor({ state: "detached", timeout: PATIENCE_MS });
    await item(other, butter).waitFor({ timeout: PATIENCE_MS });
  } finally {
    await browser.close();
    await kill(server);
  }
}

async function openWindow(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.on("pageerror", (error) => console.error("In the page:", error));
  await page.goto(url, { timeout: PATIENCE_MS });
  return page;
}

async function add(page: Page, text: string): Promise<void> {
  await page.getByLabel("New item").fill(text, { timeout: PATIENCE_MS });
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await item(page, text).waitFor({ timeout: PATIENCE_MS });
}

function item(page: Page, text: string): ReturnType<Page["locator"]> {
  return page.locator("label", { hasText: text });
}

/** Resolves once it serves pages and sessions. */
async function start(
  app: string,
  program: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const parameters = program.map((one) => one.replace("$PORT", String(port)));
  // A process group of its own, so that a kill reaches workerd as well.
  const server = spawn(process.execPath, parameters, {
    cwd: app,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: undefined, PORT: String(port) },
  });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline && server.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/holdfast/session`).catch(() => undefined);
    // Sessions are made by POST; that it says so means that it runs.
    if (answer?.status === 405) return server;
    await sleep(100);
  }
  await kill(server);
  throw new Error(`The app did not start:\n${output}`);
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  process.kill(-server.pid, "SIGKILL");
  await ended;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
