import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM_FLAGS, requireChromium } from "./find-chromium.ts";

/** Machines are busy. */
const PATIENCE_MS = 60_000;

/** How an app is served: from its sources, as it was built, or by Node. `$PORT` is the port. */
export type Program = readonly string[];

/** Two windows of different browsers at one app. */
export interface Windows {
  readonly one: Page;
  readonly other: Page;
  /** The server is killed, and is back when this resolves. */
  readonly restart: () => Promise<void>;
}

/** Serves an app, and lets `drive` use it. */
export async function driveApp(
  app: string,
  program: Program,
  drive: (windows: Windows) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...CHROMIUM_FLAGS],
  });
  let server = await start(app, program, port).catch(async (error: unknown) => {
    await browser.close();
    throw error;
  });
  try {
    const [one, other] = [await openWindow(browser, url), await openWindow(browser, url)];
    const restart = async (): Promise<void> => {
      const pages = [one, other];
      await Promise.all(pages.map((page) => page.evaluate(() => (document.title = "before"))));
      await kill(server);
      server = await start(app, program, port);
      // Vite's own client loads the page anew once its server is back.
      if (!program.includes("dev")) return;
      const isLoaded = (): boolean => document.title !== "before";
      await Promise.all(pages.map((page) => page.waitForFunction(isLoaded)));
    };
    await drive({ one, other, restart });
  } finally {
    await browser.close();
    await kill(server);
  }
}

async function openWindow(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => console.error("In the page:", error));
  await page.goto(url);
  return page;
}

/** Resolves once it serves pages and sessions. */
async function start(app: string, program: Program, port: number): Promise<ChildProcess> {
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
